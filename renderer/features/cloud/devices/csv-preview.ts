const previewedRows = 5;

interface CsvPreview {
  /** The first lines, in cells; what looks like a secret is covered. */
  rows: string[][];
  /** Lines that count: neither empty nor a remark. */
  lineCount: number;
}

/** How a list of triples begins, to be looked at before it is taken. What it means is for the core to say. */
export function previewCsv(csv: string): CsvPreview {
  const lines = csv
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  const separator = [',', ';', '\t'].find((each) => lines[0]?.includes(each)) ?? ',';
  return { rows: lines.slice(0, previewedRows).map((line) => line.split(separator).map(shown)), lineCount: lines.length };
}

function shown(cell: string): string {
  const text = cell.trim().replace(/^"(.*)"$/, '$1');
  return /^[A-Za-z0-9+/]{16,}={0,2}$/.test(text) ? `${text.slice(0, 3)}…` : text;
}

/** Made devices as the list that provisioning and this bench's import take. */
export function csvOfDevices(devices: readonly { productId: string; deviceName: string; secret: string }[]): string {
  const rows = devices.map(({ productId, deviceName, secret }) => `${productId},${deviceName},${secret}`);
  return ['ProductId,DeviceName,DeviceSecret', ...rows, ''].join('\r\n');
}
