/** A text as it stands in bytes taken for characters, in JSON, in JSON of ASCII only, and in an address. */
export function textForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(/[^\x20-\x7e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const inAddress = text.isWellFormed() ? encodeURIComponent(text) : text;
  const small = inAddress.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  return [...new Set([text, Buffer.from(text).toString('latin1'), json, json.replaceAll('/', '\\/'), ascii, inAddress, small])];
}
