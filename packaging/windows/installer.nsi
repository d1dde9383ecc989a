; The installer for Windows: for one person, without administrator's rights.
;
; packaging/targets/windows.py compiles it, and defines:
;   NAME PACKAGE PUBLISHER HOMEPAGE  as in identity.py
;   VERSION VERSION4                 as people say it, and as the four numbers that Windows wants
;   BUNDLE                           the folder with the program
;   LICENCE                          the text of the licence page
;   REMOVALS                         a list of Delete and RMDir: every file and folder of BUNDLE, and nothing else
;   OUT                              the file to write
;   MIME SUFFIX                      of recipe files
;   SIDE                             the picture beside the last page
;   ICON RECIPE_ICON                 optional: pictures of the program and of recipe files
;   FAST                             optional: packed in seconds instead of minutes, for a larger file
; Silent: distillation-workbench-…-setup.exe /S /D=C:\where\to
; It ends with 2 where the program is open, and with 3 where Windows is too old or an older version cannot be removed.

Unicode true
!ifdef FAST
  SetCompressor zlib
!else
  ; not /SOLID: that would unpack everything to a temporary file before the first page shows
  SetCompressor lzma
!endif

!include "MUI2.nsh"
!include "FileFunc.nsh"
!include "LogicLib.nsh"
!include "WinVer.nsh"
!include "x64.nsh"
!include "Integration.nsh"

!define EXE "${PACKAGE}.exe"
!define RECIPE_CLASS "DistillationWorkbench.Recipe"
!define CLASSES "Software\Classes"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\DistillationWorkbench"

Name "${NAME}"
OutFile "${OUT}"
BrandingText "${NAME} ${VERSION}"
RequestExecutionLevel user
InstallDir "$LOCALAPPDATA\Programs\${NAME}"
InstallDirRegKey HKCU "${UNINSTALL}" "InstallLocation"
ManifestDPIAware true
ManifestSupportedOS Win10
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${VERSION4}"
VIFileVersion "${VERSION4}"
VIAddVersionKey "ProductName" "${NAME}"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Installs ${NAME}"
VIAddVersionKey "CompanyName" "${PUBLISHER}"
VIAddVersionKey "LegalCopyright" "MIT licence; see the licences of its libraries in _internal\licences"

!ifdef ICON
  !define MUI_ICON "${ICON}"
  !define MUI_UNICON "${ICON}"
!endif
!define MUI_WELCOMEFINISHPAGE_BITMAP "${SIDE}"
!define MUI_ABORTWARNING
!define MUI_FINISHPAGE_TITLE "${NAME} is installed"
!define MUI_FINISHPAGE_TEXT "It is in the start menu, and needs no internet."
!define MUI_FINISHPAGE_BUTTON "Close"
!define MUI_FINISHPAGE_RUN "$INSTDIR\${EXE}"
!define MUI_FINISHPAGE_RUN_TEXT "Open ${NAME}"
!define MUI_FINISHPAGE_NOREBOOTSUPPORT
!define MUI_UNCONFIRMPAGE_TEXT_TOP "${NAME} will be removed. Your runs, recipes, exports and settings stay."

!insertmacro MUI_PAGE_LICENSE "${LICENCE}"
!define MUI_COMPONENTSPAGE_SMALLDESC
!insertmacro MUI_PAGE_COMPONENTS
!define MUI_PAGE_CUSTOMFUNCTION_LEAVE SettleFolder
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

!define STILL_OPEN "${NAME} is open. Close its windows and terminals, then press Retry. A stopped run can be resumed."
!define STILL_THERE "The older version could not be removed. Remove it in Windows' Settings under Apps, then try again."

; Windows lets nobody write to a program that runs.
!macro WaitUntilClosed FILE
  ${DoWhile} ${FileExists} "$INSTDIR\${FILE}"
    ClearErrors
    FileOpen $0 "$INSTDIR\${FILE}" a
    ${IfNot} ${Errors}
      FileClose $0
      ${ExitDo}
    ${EndIf}
    ${If} ${Cmd} `MessageBox MB_RETRYCANCEL|MB_ICONEXCLAMATION "${STILL_OPEN}" /SD IDCANCEL IDCANCEL`
      SetErrorLevel 2
      Quit
    ${EndIf}
  ${Loop}
!macroend

!macro DefineCloseProgram PREFIX
  Function ${PREFIX}CloseProgram
    Push $0
    !insertmacro WaitUntilClosed "${EXE}"
    !insertmacro WaitUntilClosed "${PACKAGE}-cli.exe"
    Pop $0
  FunctionEnd
!macroend
!insertmacro DefineCloseProgram ""
!insertmacro DefineCloseProgram "un."

; A folder that holds other things gets a folder of our own inside.
Function SettleFolder
  Push $0
  ${DirState} "$INSTDIR" $0
  ${If} $0 == 1
  ${AndIfNot} ${FileExists} "$INSTDIR\${EXE}"
    ${GetFileName} "$INSTDIR" $0
    ${If} $0 != "${NAME}"
      StrCpy $INSTDIR "$INSTDIR\${NAME}"
    ${EndIf}
  ${EndIf}
  Pop $0
FunctionEnd

; An older version knows best what it has installed, and where.
Function RemoveOlder
  Push $0
  Push $1
  Push $INSTDIR
  ReadRegStr $1 HKCU "${UNINSTALL}" "InstallLocation"
  ${If} $1 != ""
  ${AndIf} ${FileExists} "$1\uninstall.exe"
    StrCpy $INSTDIR $1
    Call CloseProgram
    DetailPrint "Removing the version that is installed"
    ClearErrors
    ExecWait '"$1\uninstall.exe" /S _?=$1' $0
    ${If} ${Errors}
    ${OrIf} $0 != 0
      MessageBox MB_OK|MB_ICONSTOP "${STILL_THERE}" /SD IDOK
      SetErrorLevel 3
      Quit
    ${EndIf}
    Delete "$1\uninstall.exe"
    RMDir "$1"
  ${EndIf}
  Pop $INSTDIR
  Pop $1
  Pop $0
FunctionEnd

Section "The program" SectionProgram
  SectionIn RO
  Call CloseProgram
  Call RemoveOlder

  SetOutPath "$INSTDIR"
  ; first, so that an installation that was interrupted can be removed
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "${NAME}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${EXE},0"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "${PUBLISHER}"
  WriteRegStr HKCU "${UNINSTALL}" "URLInfoAbout" "${HOMEPAGE}"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
  SectionGetSize ${SectionProgram} $0
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" $0

  File /r "${BUNDLE}\*"
!ifdef RECIPE_ICON
  File "/oname=recipe.ico" "${RECIPE_ICON}"
!endif
  ; shortcuts start in the person's own folder, where recipes are looked for
  SetOutPath "$PROFILE"
  CreateShortcut "$SMPROGRAMS\${NAME}.lnk" "$INSTDIR\${EXE}"
SectionEnd

Section "Open ${SUFFIX} recipes with it" SectionRecipes
  WriteRegStr HKCU "${CLASSES}\${RECIPE_CLASS}" "" "Distillation recipe"
!ifdef RECIPE_ICON
  WriteRegStr HKCU "${CLASSES}\${RECIPE_CLASS}\DefaultIcon" "" "$INSTDIR\recipe.ico"
!else
  WriteRegStr HKCU "${CLASSES}\${RECIPE_CLASS}\DefaultIcon" "" "$INSTDIR\${EXE},0"
!endif
  WriteRegStr HKCU "${CLASSES}\${RECIPE_CLASS}\shell\open\command" "" '"$INSTDIR\${EXE}" window "%1"'
  WriteRegStr HKCU "${CLASSES}\${SUFFIX}" "" "${RECIPE_CLASS}"
  WriteRegStr HKCU "${CLASSES}\${SUFFIX}" "Content Type" "${MIME}"
  WriteRegStr HKCU "${CLASSES}\${SUFFIX}\OpenWithProgids" "${RECIPE_CLASS}" ""
  ; "Open with" offers it for .toml too, and takes that type from no other program
  WriteRegStr HKCU "${CLASSES}\Applications\${EXE}" "FriendlyAppName" "${NAME}"
  WriteRegStr HKCU "${CLASSES}\Applications\${EXE}\shell\open\command" "" '"$INSTDIR\${EXE}" window "%1"'
  WriteRegStr HKCU "${CLASSES}\Applications\${EXE}\SupportedTypes" "${SUFFIX}" ""
  WriteRegStr HKCU "${CLASSES}\Applications\${EXE}\SupportedTypes" ".toml" ""
  ${NotifyShell_AssocChanged}
SectionEnd

Section /o "Shortcut on the desktop" SectionDesktop
  SetOutPath "$PROFILE"
  CreateShortcut "$DESKTOP\${NAME}.lnk" "$INSTDIR\${EXE}"
SectionEnd

!insertmacro MUI_FUNCTION_DESCRIPTION_BEGIN
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionProgram} "${NAME} with all it needs, and an entry in the start menu."
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionRecipes} "A double click on a recipe opens it."
  !insertmacro MUI_DESCRIPTION_TEXT ${SectionDesktop} "Starts it from the desktop."
!insertmacro MUI_FUNCTION_DESCRIPTION_END

Function .onInit
  ${IfNot} ${RunningX64}
  ${OrIfNot} ${AtLeastWin10}
    MessageBox MB_OK|MB_ICONSTOP "${NAME} needs Windows 10 or newer, 64 bit." /SD IDOK
    SetErrorLevel 3
    Quit
  ${EndIf}
  SetRegView 64
  ${If} ${FileExists} "$DESKTOP\${NAME}.lnk"
    !insertmacro SelectSection ${SectionDesktop}
  ${EndIf}
  ${If} ${Silent}
    Call SettleFolder
  ${EndIf}
FunctionEnd

Function un.onInit
  SetRegView 64
FunctionEnd

Section "Uninstall"
  Call un.CloseProgram
  !include "${REMOVALS}"
!ifdef RECIPE_ICON
  Delete "$INSTDIR\recipe.ico"
!endif
  Delete "$INSTDIR\uninstall.exe"
  SetOutPath "$TEMP" ; Windows removes no folder that a program works in
  RMDir "$INSTDIR"

  Delete "$SMPROGRAMS\${NAME}.lnk"
  Delete "$DESKTOP\${NAME}.lnk"

  DeleteRegKey HKCU "${CLASSES}\${RECIPE_CLASS}"
  DeleteRegKey HKCU "${CLASSES}\Applications\${EXE}"
  DeleteRegValue HKCU "${CLASSES}\${SUFFIX}\OpenWithProgids" "${RECIPE_CLASS}"
  ReadRegStr $0 HKCU "${CLASSES}\${SUFFIX}" ""
  ${If} $0 == "${RECIPE_CLASS}" ; the person may have chosen another program since
    DeleteRegValue HKCU "${CLASSES}\${SUFFIX}" ""
    DeleteRegValue HKCU "${CLASSES}\${SUFFIX}" "Content Type"
  ${EndIf}
  DeleteRegKey /ifempty HKCU "${CLASSES}\${SUFFIX}\OpenWithProgids"
  DeleteRegKey /ifempty HKCU "${CLASSES}\${SUFFIX}"
  DeleteRegKey HKCU "${UNINSTALL}"
  ${NotifyShell_AssocChanged}
SectionEnd
