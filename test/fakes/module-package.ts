import { createHash } from 'node:crypto';
import sevenZip from '7z-wasm';
import { random } from '../../pipeline/boards/random.ts';

/** Packages made up for tests, by the fact sheet's description of the formats. */

export interface MadeEntry {
  name: string;
  type: string;
  address: number;
  data: Uint8Array;
  roomBytes?: number;
  /** Instead of the right one. */
  sha256?: string;
}

/** Bytes as good as any, always the same for one seed, with a text at their beginning. */
export function madeImage(sizeBytes: number, seed: number, text = ''): Uint8Array {
  const next = random(seed);
  const image = Uint8Array.from({ length: sizeBytes }, () => 0x80 + Math.floor(next() * 0x80));
  image.set(Buffer.from(`${text}\0`));
  return image;
}

export function madeBinpkg(entries: readonly MadeEntry[], options: { product?: string } = {}): Uint8Array {
  const isNew = options.product !== undefined;
  const header = Buffer.alloc(isNew ? 0x1d8 : 0x34);
  header.writeUInt32LE(entries.length, 0x10);
  if (options.product !== undefined) {
    header.write('pkgmode', 0x38, 'latin1');
    header.write(options.product, 0x190, 16, 'latin1');
  }
  const files = entries.map(({ name, type, address, data, roomBytes = 0, sha256 = createHash('sha256').update(data).digest('hex') }) => {
    const meta = Buffer.alloc(364);
    meta.write(name, 0, 64, 'utf8');
    meta.writeUInt32LE(address, 64);
    meta.writeUInt32LE(roomBytes, 68);
    meta.writeUInt32LE(data.length, 76);
    meta.write(sha256, 80, 256, 'latin1');
    meta.write(type, 336, 16, 'latin1');
    return Buffer.concat([meta, data]);
  });
  return Uint8Array.from(Buffer.concat([header, ...files]));
}

/** A LuatOS script.bin of these files. */
export function madeScript(files: Record<string, string>): Uint8Array {
  const magic = Buffer.from('01045aa55aa5', 'hex');
  const head = Buffer.concat([
    magic,
    Buffer.from('02020200', 'hex'),
    Buffer.from('030412000000', 'hex'),
    Buffer.from([0x04, 0x02, Object.keys(files).length, 0]),
    Buffer.from('fe02ffff', 'hex'),
  ]);
  const bodies = Object.entries(files).map(([name, text]) => {
    const size = Buffer.alloc(4);
    size.writeUInt32LE(Buffer.byteLength(text));
    return Buffer.concat([
      magic,
      Buffer.from([0x02, Buffer.byteLength(name)]),
      Buffer.from(name),
      Buffer.from([0x03, 0x04]),
      size,
      Buffer.from('fe02ffff', 'hex'),
      Buffer.from(text),
    ]);
  });
  return Uint8Array.from(Buffer.concat([head, ...bodies]));
}

/** An archive of these files, by the library that also opens them. */
export async function madeArchive(kind: '7z' | 'zip', files: Record<string, Uint8Array | string>): Promise<Uint8Array> {
  const zip = await sevenZip.default({ print: () => {}, stdin: () => 0 });
  zip.FS.mkdir('/making');
  zip.FS.chdir('/making');
  const made = new Set<string>();
  for (const [path, data] of Object.entries(files)) {
    const folders = path.split('/').slice(0, -1);
    folders.forEach((_, at) => {
      const folder = folders.slice(0, at + 1).join('/');
      if (!made.has(folder)) zip.FS.mkdir(folder);
      made.add(folder);
    });
    zip.FS.writeFile(path, typeof data === 'string' ? Buffer.from(data) : data);
  }
  zip.callMain(['a', '-bd', '-mx1', `-t${kind}`, 'made', ...new Set(Object.keys(files).map((path) => path.split('/')[0] ?? path))]);
  const name = zip.FS.readdir('.').find((entry) => entry.startsWith('made')) ?? 'made';
  return Uint8Array.from(zip.FS.readFile(name));
}

/** A small EC718 as LuatOS packs it: bootloader, modem, application, script. */
export const madeEc718 = {
  bl: madeImage(0x2345, 1),
  cp: madeImage(0x9000, 2),
  ap: madeImage(0x24567, 3, 'AirM2M_780EPM_V2045_LTE_AT'),
  script: madeScript({ 'main.lua': "log.info('main', 'hello')\n", 'net.lua': 'return {}\n' }),
  info: JSON.stringify({
    version: 2,
    chip: { type: 'ec7xx', ram: { total: 1024 } },
    rom: { file: 'luatos.binpkg', 'version-core': '1', 'version-bsp': 'V2045' },
    script: { file: 'script.bin', bitw: 32 },
    download: { bl_addr: '00003000', core_addr: '0007E000', script_addr: '002E0000', force_br: '0' },
    user: { project: 'demo', version: '1.0.0' },
  }),
};

export function madeEc718Binpkg(product = 'EC718P_PRD'): Uint8Array {
  return madeBinpkg(
    [
      { name: 'ap_bootloader', type: 'BL', address: 0x803000, data: madeEc718.bl, roomBytes: 0x10000 },
      { name: 'cp-demo-flash', type: 'CP', address: 0x81a000, data: madeEc718.cp, roomBytes: 0x64000 },
      { name: 'luatos', type: 'AP', address: 0x87e000, data: madeEc718.ap, roomBytes: 0x262000 },
      {
        name: 'ec718_usb.baseini',
        type: 'CFG',
        address: 0,
        data: Buffer.from('[config]\r\nagbaud = 921600 ; usb\r\n[control]\r\npullup_qspi=1\r\n'),
      },
      { name: 'ec718_uart.baseini', type: 'CFG', address: 0, data: Buffer.from('[config]\nAgBaud = 460800\nDribble_Dld_En=0\n') },
    ],
    { product },
  );
}

export function madeEc718Soc(kind: '7z' | 'zip' = '7z', product?: string): Promise<Uint8Array> {
  return madeArchive(kind, {
    'info.json': madeEc718.info,
    'luatos.binpkg': madeEc718Binpkg(product),
    'script.bin': madeEc718.script,
    'luatos.elf': madeImage(5000, 9),
  });
}
