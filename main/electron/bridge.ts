import { type IpcMainInvokeEvent, ipcMain, MessageChannelMain, type WebContents } from 'electron';
import { type CoreState, channels, type PortMessage } from '../../preload/contract/desktop-bridge.ts';
import { chooseBluetooth } from './bluetooth.ts';
import { isTrustedSender } from './security.ts';

/** What the bridge needs of the core's supervisor. */
export interface BridgedCore {
  readonly state: CoreState;
  onState(listener: (state: CoreState) => void): () => void;
  /** Hands one end of a channel to the core. False while there is none to take it. */
  connect(port: Electron.MessagePortMain): boolean;
}

/**
 * The main process's whole part in the page's conversation with the core: it makes the channel, gives each side its end, and
 * says how the core fares. Frames never pass through it.
 */
export function registerBridge(core: BridgedCore, windows: () => readonly WebContents[]): void {
  handle(channels.requestPort, (event, nonce) => {
    if (typeof nonce !== 'string') return false;
    const { port1, port2 } = new MessageChannelMain();
    if (!core.connect(port1)) return false;
    event.sender.postMessage(channels.port, { type: 'talkbench:port', nonce } satisfies PortMessage, [port2]);
    return true;
  });
  handle(channels.coreState, () => core.state);
  handle(channels.chooseBluetooth, (event, deviceId) => chooseBluetooth(event.sender, deviceId));
  core.onState((state) => {
    for (const contents of windows()) contents.send(channels.coreState, state);
  });
}

/** The only way a channel is opened: a sender that is not our page is answered with an error and nothing runs. */
function handle(channel: string, answer: (event: IpcMainInvokeEvent, argument: unknown) => unknown): void {
  ipcMain.handle(channel, (event, argument: unknown) => {
    if (!isTrustedSender(event)) throw new Error(`refused: ${channel}`);
    return answer(event, argument);
  });
}
