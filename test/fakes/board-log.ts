import { parseFile } from '../../main/core/logs/parser.ts';
import type { LogRow } from '../../preload/contract/logs.ts';
import type { FakeBench } from './fake-bench.ts';

/** Lines as a port's monitor would have them, through the real grammars. */
export function rowsOf(text: string): LogRow[] {
  return [...parseFile(new TextEncoder().encode(text))].filter((row) => row.text.trim() !== '');
}

/** The board prints these lines, `everyMs` apart, from now on. */
export function prints(bench: FakeBench, text: string, everyMs = 10): void {
  for (const [index, { seq: _seq, port: _port, atUs: _atUs, text: line, ...row }] of rowsOf(text).entries())
    bench.at(index * everyMs, () => bench.serial.row(line, row));
}

export const espBoot = `ESP-ROM:esp32s3-20210327
Build:Mar 27 2021
rst:0x1 (POWERON),boot:0x8 (SPI_FAST_FLASH_BOOT)
SPIWP:0xee
mode:DIO, clock div:1
load:0x3fce3810,len:0x178c
entry 0x403c98d8
I (24) boot: ESP-IDF v5.4.1 2nd stage bootloader
I (52) boot: Partition Table:
I (56) boot: ## Label            Usage          Type ST Offset   Length
I (63) boot:  0 nvs              WiFi data        01 02 00009000 00006000
I (70) boot:  1 factory          factory app      00 00 00010000 00300000
I (98) boot: End of partition table
I (101) esp_image: segment 0: paddr=00010020 vaddr=3c0d0020 size=36a54h (223828) map
I (150) esp_image: segment 1: paddr=00046a7c vaddr=3fc98000 size=02000h (  8192) load
I (301) boot: Loaded app from partition at offset 0x10000
I (352) app_init: Project name:     twetalk_demo
I (357) app_init: App version:      1.4.2
I (367) app_init: ELF file SHA256:  0f1e2d3c4...
I (380) heap_init: Initializing. RAM available for dynamic allocation:
I (385) heap_init: At 3FC94D50 len 000549C0 (338 KiB): RAM
I (390) heap_init: At 3FCE9710 len 00005724 (21 KiB): RAM
I (452) main_task: Calling app_main()
`;
