import type { ListenerState } from '../../../preload/contract/core.ts';
import type { Settings } from '../../../preload/contract/settings.ts';

/**
 * The free ports that listeners took where the settings say 0. Opened anew they take the same ones: a board that knows the port comes back to it
 * by itself, and a new one it would never find.
 */
export class FreePorts {
  readonly #taken = new Map<string, number>();

  /** `settings`: as they are said. One that could not be opened is given up: the next time it is a free one again. */
  remember(listeners: readonly ListenerState[], settings: Settings): void {
    const said = portsOf(settings);
    for (const { name, port, state } of listeners) {
      if (state === 'listening' && said[name] === 0) this.#taken.set(name, port);
      else this.#taken.delete(name);
    }
  }

  in(settings: Settings): Settings {
    if (this.#taken.size === 0) return settings;
    const { listeners, tuya, xiaozhi } = settings;
    const said = portsOf(settings);
    const port = (name: string): number => said[name] || (this.#taken.get(name) ?? 0);
    return {
      ...settings,
      listeners: {
        ...listeners,
        ...{ mqttPort: port('mqtt'), mqttTlsPort: port('mqtt-tls'), gatewayPort: port('gateway'), gatewayTlsPort: port('gateway-tls') },
      },
      tuya: { ...tuya, port: port('tuya'), tlsPort: port('tuya-tls') },
      xiaozhi: { ...xiaozhi, mqttPort: port('xiaozhi-mqtt'), mqttTlsPort: port('xiaozhi-mqtt-tls'), udpPort: port('xiaozhi-udp') },
    };
  }
}

/** By the listeners' names. */
function portsOf({ listeners, tuya, xiaozhi }: Settings): Record<string, number> {
  return {
    mqtt: listeners.mqttPort,
    'mqtt-tls': listeners.mqttTlsPort,
    gateway: listeners.gatewayPort,
    'gateway-tls': listeners.gatewayTlsPort,
    tuya: tuya.port,
    'tuya-tls': tuya.tlsPort,
    'xiaozhi-mqtt': xiaozhi.mqttPort,
    'xiaozhi-mqtt-tls': xiaozhi.mqttTlsPort,
    'xiaozhi-udp': xiaozhi.udpPort,
  };
}
