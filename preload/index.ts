import { contextBridge, ipcRenderer } from 'electron';
import { type BluetoothChoice, type CoreState, channels, type DesktopBridge, type PortMessage } from './contract/desktop-bridge.ts';

const bridge: DesktopBridge = {
  platform: process.platform,
  versions: { electron: process.versions.electron ?? '', chrome: process.versions.chrome ?? '', node: process.versions.node },
  requestPort: (nonce) => ipcRenderer.invoke(channels.requestPort, nonce),
  onCoreState(listener) {
    let isNewer = false;
    const onState = (_event: unknown, state: CoreState) => {
      isNewer = true;
      listener(state);
    };
    ipcRenderer.on(channels.coreState, onState);
    void ipcRenderer.invoke(channels.coreState).then((state: CoreState) => {
      if (!isNewer) listener(state); // a change overtook the answer
    });
    return () => void ipcRenderer.off(channels.coreState, onState);
  },
  onBluetoothDevices(listener) {
    const onDevices = (_event: unknown, devices: BluetoothChoice[]) => listener(devices);
    ipcRenderer.on(channels.bluetoothDevices, onDevices);
    return () => void ipcRenderer.off(channels.bluetoothDevices, onDevices);
  },
  chooseBluetooth: (deviceId) => ipcRenderer.invoke(channels.chooseBluetooth, deviceId),
};
contextBridge.exposeInMainWorld('talkbench', bridge);

// contextBridge cannot carry a port, a window message can. The page takes it only with the nonce it asked with.
ipcRenderer.on(channels.port, (event, message: PortMessage) => {
  window.postMessage(message, window.location.origin, event.ports);
});
