/** Names, and parts of names, of what is kept back: pswd and pmk are ESP-IDF's own (namespace nvs.net80211). */
const secretName = /passw|passphrase|pswd|pwd|pass$|psk|pmk|secret|token|cert|private|credential/i;
/** '…key' is a key as often as not: it is one if its value could be. */
const keyName = /key/i;
const openKeyName = /product|pub|key_?(id|name|type|len|mode)/i;

/** What ESP-IDF itself keeps: cached access points with their passwords, and the link keys of Bluetooth. */
const secretNamespaces: ReadonlySet<string> = new Set(['nimble_bond', 'bt_config.conf']);
const wifiNamespace = 'nvs.net80211';
const wifiSecretName = /apinfo|ap\.?sw|pmk/i;

/** Whether a value must not be shown, by its name; what a '…key' holds decides about it: text of 16 characters and more, or bytes. */
export function isSecretValue(value: { namespace: string; key: string; type: string; text: string }): boolean {
  const { namespace, key, type, text } = value;
  if (type !== 'string' && type !== 'blob') return false;
  if (secretName.test(key) || secretNamespaces.has(namespace)) return true;
  if (namespace === wifiNamespace && wifiSecretName.test(key)) return true;
  if (/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) return true;
  if (!keyName.test(key) || openKeyName.test(key)) return false;
  return type === 'blob' || /^\S{16,}$/.test(text);
}
