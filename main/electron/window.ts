import { BrowserWindow, type BrowserWindowConstructorOptions } from 'electron';
import { offerBluetooth } from './bluetooth.ts';

export function windowOptions(preload: string): BrowserWindowConstructorOptions {
  return {
    title: 'Talkbench',
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    show: false,
    backgroundColor: '#1a1b1e',
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInWorker: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      navigateOnDragDrop: false,
    },
  };
}

/** Opens the app's window, shown when it has something to show. */
export function openWindow(preload: string, url: string): BrowserWindow {
  const window = new BrowserWindow(windowOptions(preload));
  offerBluetooth(window.webContents);
  window.once('ready-to-show', () => window.show());
  void window.loadURL(url); // a failure to load is reported by did-fail-load and render-process-gone
  return window;
}
