import type { CommandName } from './commands.ts';

/** The protocol's own names, as Espressif's documentation has them. */
export const commandTitles: Readonly<Record<CommandName, string>> = {
  flashBegin: 'FLASH_BEGIN',
  flashData: 'FLASH_DATA',
  flashEnd: 'FLASH_END',
  memoryBegin: 'MEM_BEGIN',
  memoryEnd: 'MEM_END',
  memoryData: 'MEM_DATA',
  sync: 'SYNC',
  writeRegister: 'WRITE_REG',
  readRegister: 'READ_REG',
  spiSetParameters: 'SPI_SET_PARAMS',
  spiAttach: 'SPI_ATTACH',
  readFlashSlow: 'READ_FLASH_SLOW',
  changeBaudRate: 'CHANGE_BAUDRATE',
  deflateBegin: 'FLASH_DEFL_BEGIN',
  deflateData: 'FLASH_DEFL_DATA',
  deflateEnd: 'FLASH_DEFL_END',
  flashMd5: 'SPI_FLASH_MD5',
  securityInfo: 'GET_SECURITY_INFO',
  eraseFlash: 'ERASE_FLASH',
  eraseRegion: 'ERASE_REGION',
  readFlash: 'READ_FLASH',
};

/** A request in words, without what a data block holds: it may be a device's secret. */
export function describeRequest(name: CommandName, data: Uint8Array): string {
  const title = commandTitles[name];
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const word = (index: number) => (data.length >= index * 4 + 4 ? view.getUint32(index * 4, true) : 0);
  switch (name) {
    case 'flashBegin':
    case 'deflateBegin':
    case 'memoryBegin':
      return `${title} ${hex(word(3))}, ${word(0)} bytes in ${word(1)} blocks of ${word(2)}${data.length > 16 && word(4) !== 0 ? ', encrypted' : ''}`;
    case 'flashData':
    case 'deflateData':
    case 'memoryData':
      return `${title} #${word(1)} ${word(0)} bytes`;
    case 'flashEnd':
    case 'deflateEnd':
      return `${title} ${word(0) === 0 ? 'reboot' : 'stay'}`;
    case 'memoryEnd':
      return `${title} ${word(0) === 0 ? `run ${hex(word(1))}` : 'stay'}`;
    case 'readRegister':
      return `${title} ${hex(word(0))}`;
    case 'writeRegister':
      return `${title} ${hex(word(0))} = ${hex(word(1))}`;
    case 'spiSetParameters':
      return `${title} ${word(1)} bytes`;
    case 'changeBaudRate':
      return `${title} ${word(0)}${word(1) === 0 ? '' : ` from ${word(1)}`}`;
    case 'flashMd5':
    case 'readFlash':
    case 'readFlashSlow':
    case 'eraseRegion':
      return `${title} ${hex(word(0))}, ${word(1)} bytes`;
    default:
      return title;
  }
}

/** Only of what may be shown: a register's value, a digest. */
export function describeReply(name: CommandName, reply: { value: number; data: Uint8Array }): string {
  if (name === 'readRegister' || name === 'sync') return hex(reply.value);
  if (name === 'flashMd5')
    return reply.data.length === 16 ? Buffer.from(reply.data).toString('hex') : Buffer.from(reply.data).toString('latin1');
  if (name === 'securityInfo') return Buffer.from(reply.data).toString('hex');
  return 'ok';
}

export function hex(value: number): string {
  return `0x${value.toString(16).padStart(8, '0')}`;
}
