import type { EspKind } from './chips.ts';

/** Why a chip left reset. */
export type ResetReason = 'powerOn' | 'software' | 'watchdog' | 'usb' | 'panic' | 'brownout';

/** What a chip says while it boots, as Espressif's ROMs and ESP-IDF's bootloader have it. */
export interface BootWords {
  /** The ROM's first lines. */
  rom: readonly string[];
  /** Strapping bits as the ROM prints them. */
  fromFlash: string;
  download: string;
  resets: Readonly<Record<ResetReason, string>>;
  /** Between the reset line and the segments. */
  mode: readonly string[];
  /** A line of the second-stage bootloader between the revision and the SPI speed. */
  pageSize?: boolean;
  heap: readonly string[];
}

const resetsOfS = {
  powerOn: '0x1 (POWERON)',
  software: '0x3 (RTC_SW_SYS_RST)',
  watchdog: '0x7 (TG0WDT_SYS_RST)',
  usb: '0x15 (USB_UART_CHIP_RESET)',
  panic: '0xc (RTC_SW_CPU_RST)',
  brownout: '0xf (BROWNOUT_RST)',
};
const resetsOfC5 = {
  powerOn: '0x1 (POWERON)',
  software: '0x3 (RTC_SW_HPSYS)',
  watchdog: '0x7 (TG0_WDT_HPSYS)',
  usb: '0x15 (USB_UART_HPSYS)',
  panic: '0xc (SW_CPU)',
  brownout: '0xf (BROWNOUT)',
};
const resetsOfC6 = { ...resetsOfC5, software: '0x3 (LP_SW_HPSYS)' };

export const bootWords: Readonly<Record<EspKind, BootWords>> = {
  esp32: {
    rom: ['ets Jul 29 2019 12:21:46', ''],
    fromFlash: '0x13 (SPI_FAST_FLASH_BOOT)',
    download: '0x3 (DOWNLOAD_BOOT(UART0/UART1/SDIO_REI_REO_V2))',
    resets: {
      powerOn: '0x1 (POWERON_RESET)',
      software: '0x3 (SW_RESET)',
      watchdog: '0x10 (RTCWDT_RTC_RESET)',
      usb: '0x1 (POWERON_RESET)',
      panic: '0xc (SW_CPU_RESET)',
      brownout: '0xf (RTCWDT_BROWN_OUT_RESET)',
    },
    mode: ['configsip: 0, SPIWP:0xee', 'clk_drv:0x00,q_drv:0x00,d_drv:0x00,cs0_drv:0x00,hd_drv:0x00,wp_drv:0x00', 'mode:DIO, clock div:2'],
    heap: ['At 3FFAE6E0 len 00001920 (6 KiB): DRAM', 'At 3FFB2D60 len 0002D2A0 (180 KiB): DRAM', 'At 4008BCB0 len 00014350 (80 KiB): IRAM'],
  },
  esp32s2: {
    rom: ['ESP-ROM:esp32s2-rc4-20191025', 'Build:Oct 25 2019'],
    fromFlash: '0x8 (SPI_FAST_FLASH_BOOT)',
    download: '0x0 (DOWNLOAD(USB/UART0))',
    resets: resetsOfS,
    mode: ['SPIWP:0xee', 'mode:DIO, clock div:1'],
    heap: ['At 3FF9E000 len 00002000 (8 KiB): RTCRAM', 'At 3FFBF898 len 0003C768 (241 KiB): DRAM'],
  },
  esp32s3: {
    rom: ['ESP-ROM:esp32s3-20210327', 'Build:Mar 27 2021'],
    fromFlash: '0x8 (SPI_FAST_FLASH_BOOT)',
    download: '0x0 (DOWNLOAD(USB/UART0))',
    resets: resetsOfS,
    mode: ['SPIWP:0xee', 'mode:DIO, clock div:1'],
    heap: ['At 3FC94D50 len 000549C0 (338 KiB): RAM', 'At 3FCE9710 len 00005724 (21 KiB): RAM'],
  },
  esp32c2: {
    rom: ['ESP-ROM:esp8684-api1-20211015', 'Build:Oct 15 2021'],
    fromFlash: '0xc (SPI_FAST_FLASH_BOOT)',
    download: '0x4 (DOWNLOAD(UART0))',
    resets: resetsOfS,
    mode: ['SPIWP:0xee', 'mode:DIO, clock div:1'],
    pageSize: true,
    heap: ['At 3FCABCB0 len 0002C350 (176 KiB): D/IRAM', 'At 3FCD8000 len 0000742C (29 KiB): STACK/DRAM'],
  },
  esp32c3: {
    rom: ['ESP-ROM:esp32c3-api1-20210207', 'Build:Feb  7 2021'],
    fromFlash: '0xc (SPI_FAST_FLASH_BOOT)',
    download: '0x5 (DOWNLOAD(USB/UART0))',
    resets: resetsOfS,
    mode: ['SPIWP:0xee', 'mode:DIO, clock div:1'],
    heap: ['At 3FC8A9F0 len 00035610 (213 KiB): D/IRAM', 'At 3FCC0000 len 0001F260 (124 KiB): STACK/DRAM'],
  },
  esp32c5: {
    rom: ['ESP-ROM:esp32c5-eco3-20250704', 'Build:Jul  4 2025'],
    fromFlash: '0x18 (SPI_FAST_FLASH_BOOT)',
    download: '0x8 (DOWNLOAD(UART0/USB))',
    resets: resetsOfC5,
    mode: ['SPI mode:DIO, clock div:1'],
    heap: ['At 4080FCB0 len 0004C8F0 (306 KiB): RAM'],
  },
  esp32c6: {
    rom: ['ESP-ROM:esp32c6-20220919', 'Build:Sep 19 2022'],
    fromFlash: '0xc (SPI_FAST_FLASH_BOOT)',
    download: '0x4 (DOWNLOAD(USB/UART0/SDIO_FEI_FEO))',
    resets: resetsOfC6,
    mode: ['SPIWP:0xee', 'mode:DIO, clock div:2'],
    heap: ['At 4080B9E0 len 00070C30 (451 KiB): D/IRAM'],
  },
  esp32c61: {
    rom: ['ESP-ROM:esp32c61-eco3-20250228', 'Build:Feb 28 2025'],
    fromFlash: '0xc (SPI_FAST_FLASH_BOOT)',
    download: '0x4 (DOWNLOAD(UART0/USB))',
    resets: resetsOfC5,
    mode: ['SPI mode:DIO, clock div:1'],
    heap: ['At 40809890 len 00041160 (260 KiB): RAM', 'At 4084A9F0 len 00004BE0 (18 KiB): RAM'],
  },
  esp32h2: {
    rom: ['ESP-ROM:esp32h2-20221101', 'Build:Nov  1 2022'],
    fromFlash: '0xc (SPI_FAST_FLASH_BOOT)',
    download: '0x4 (DOWNLOAD(USB/UART0))',
    resets: resetsOfC6,
    mode: ['SPIWP:0xee', 'mode:DIO, clock div:1'],
    heap: ['At 4080B010 len 00042370 (264 KiB): D/IRAM', 'At 4084D380 len 00002B60 (10 KiB): STACK/DIRAM'],
  },
  esp32p4: {
    rom: ['ESP-ROM:esp32p4-eco5-20250430', 'Build:Apr 30 2025'],
    fromFlash: '0xc (SPI_FAST_FLASH_BOOT)',
    download: '0x4 (DOWNLOAD(USB/UART0/SPI))',
    resets: {
      powerOn: '0x1 (POWERON)',
      software: '0x3 (SW_SYS_RESET)',
      watchdog: '0x7 (HP_SYS_HP_WDT_RESET)',
      usb: '0x17 (CHIP_USB_UART_RESET)',
      panic: '0xc (SW_CPU_RESET)',
      brownout: '0xf (PMU_LP_BROWNOUT_RESET)',
    },
    mode: ['SPI mode:DIO, clock div:1'],
    heap: ['At 4FF33B20 len 000874A0 (541 KiB): RAM', 'At 4FFBAFC0 len 00004BF0 (18 KiB): RAM', 'At 30100044 len 00001FBC (7 KiB): TCM'],
  },
};
