/** Names, and parts of names, of what is kept back: pswd and pmk are ESP-IDF's own (namespace nvs.net80211). */
const secretName = /passw|passphrase|pswd|pwd|pass$|psk|pmk|secret|token|cert|private|credential/i;
/** What may be one all the same: a PIN, a pairing code, an account's authorisation. */
const doubtfulName = /pin|pass|code|otp|auth|cred|salt|seed|key/i;
/** '…key' is a key as often as not: it is one if its value could be. */
const keyName = /key/i;
const openKeyName = /product|pub|key_?(id|name|type|len|mode)/i;

/** What ESP-IDF itself keeps: cached access points with their passwords, and the link keys of Bluetooth. */
const secretNamespaces: ReadonlySet<string> = new Set(['nimble_bond', 'bt_config.conf']);
const wifiNamespace = 'nvs.net80211';
const wifiSecretName = /apinfo|ap\.?sw|pmk/i;

const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/**
 * Whether a value must not be shown. `text` is a blob's hex or base64. The name decides, and where that is doubtful what it holds: a '…key' of 16 characters and more, or of
 * bytes; a '…pin' or '…code' of four digits and more, so that the pin of a lamp stays readable.
 */
export function isSecretValue(value: { namespace: string; key: string; type: string; text: string }): boolean {
  const { namespace, key, type, text } = value;
  if (secretName.test(key) || secretNamespaces.has(namespace)) return true;
  if (namespace === wifiNamespace && wifiSecretName.test(key)) return true;
  if (type !== 'blob' && looksSecret(key) && couldBeCode(text)) return true;
  if (type !== 'string' && type !== 'blob') return false;
  if (privateKey.test(text) || (type === 'blob' && privateKey.test(bytesOf(text)))) return true;
  if (!keyName.test(key) || openKeyName.test(key)) return false;
  return type === 'blob' || /^\S{16,}$/.test(text);
}

function bytesOf(blob: string): string {
  const digits = blob.trim();
  const isHex = digits.length % 2 === 0 && /^[0-9a-f]*$/i.test(digits);
  return Buffer.from(digits, isHex ? 'hex' : 'base64').toString('latin1');
}

/** Four digits, whatever they are written with: 1234, 0x4d2, AB12-34. */
function couldBeCode(text: string): boolean {
  const plain = text.trim();
  const digits = /^0x[0-9a-f]{1,16}$/i.test(plain) ? String(BigInt(plain)) : plain;
  return /^[+\w-]+$/.test(digits) && digits.replaceAll(/\D/g, '').length >= 4;
}

/** Whether a value of any type, a number too, is better not repeated where it need not be, by its name alone. */
export function looksSecret(key: string): boolean {
  return secretName.test(key) || (doubtfulName.test(key) && !openKeyName.test(key));
}
