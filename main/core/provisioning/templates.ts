import type { NvsEntry } from '../../../preload/contract/nvs.ts';
import type { ProvisioningTemplate } from '../../../preload/contract/provisioning.ts';

/**
 * Sets of entries to begin with. The names are the bench's own: no vendor documents the keys of its firmware, so a firmware reads these, or
 * the user changes the keys to what it reads.
 */
export function provisioningTemplates(mqttPort: number): ProvisioningTemplate[] {
  const device = [
    text('twetalk', 'product_id', '${product_id}'),
    text('twetalk', 'device_name', '${device_name}'),
    text('twetalk', 'device_secret', '${device_secret}'),
  ];
  const bench: NvsEntry[] = [
    text('twetalk', 'mqtt_host', '${bench_host}'),
    { namespace: 'twetalk', key: 'mqtt_port', type: 'u16', value: String(mqttPort) },
  ];
  const wifi = [text('wifi', 'ssid', '${wifi_ssid}'), text('wifi', 'password', '${wifi_password}')];
  return [
    { id: 'twetalk', name: 'TWeTalk', entries: [...device, ...bench, ...wifi], variables: ['wifi_ssid', 'wifi_password', 'bench_host'] },
    { id: 'device', name: 'TWeTalk (device only)', entries: device, variables: [] },
    { id: 'wifi', name: 'Wi-Fi', entries: wifi, variables: ['wifi_ssid', 'wifi_password'] },
  ];
}

function text(namespace: string, key: string, value: string): NvsEntry {
  return { namespace, key, type: 'string', value };
}
