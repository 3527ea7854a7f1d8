import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface Machine {
  platform: NodeJS.Platform;
  environment: Readonly<Record<string, string | undefined>>;
  home: string;
  isExecutable(path: string): boolean;
}

const commands = ['google-chrome', 'google-chrome-stable', 'microsoft-edge', 'microsoft-edge-stable', 'chromium', 'chromium-browser'];
const macApps = ['Google Chrome', 'Microsoft Edge', 'Chromium'];
const windowsPaths = [
  'Google\\Chrome\\Application\\chrome.exe',
  'Microsoft\\Edge\\Application\\msedge.exe',
  'Chromium\\Application\\chrome.exe',
];

/** Browsers of this machine that can print a page without a window, the one that TALKBENCH_CHROMIUM names first. */
export function browsersOf({ platform, environment, home, isExecutable }: Machine): string[] {
  return [...new Set([environment.TALKBENCH_CHROMIUM ?? '', ...usualPlaces()])].filter((path) => path !== '' && isExecutable(path));

  function usualPlaces(): string[] {
    switch (platform) {
      case 'win32': {
        const folders = ['ProgramFiles', 'ProgramFiles(x86)', 'LOCALAPPDATA'].flatMap((name) => environment[name] ?? []);
        return windowsPaths.flatMap((path) => folders.map((folder) => `${folder}\\${path}`));
      }
      case 'darwin':
        return macApps.flatMap((app) => ['', home].map((root) => `${root}/Applications/${app}.app/Contents/MacOS/${app}`));
      default: {
        const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
        return commands.flatMap((command) => folders.map((folder) => join(folder, command)));
      }
    }
  }
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
