import type { CheckWords } from './words.ts';

/** Words of the power group's checks. */
export const powerWords: Readonly<Record<string, CheckWords>> = {
  'power.boot': {
    title: { en: 'Start', zh: '启动' },
    what: {
      en: 'Resets the board once and watches: it has to start exactly once, for that reset, and its application has to come up.',
      zh: '复位板子一次并观察：应只启动一次，复位原因应与本次复位一致，应用程序应正常运行。',
    },
    values: {
      boots: { en: 'Starts after one reset', zh: '一次复位后的启动次数' },
      appMs: { en: 'From reset to the application', zh: '复位到应用启动用时' },
      connectedMs: { en: 'From reset to the cloud', zh: '复位到连上云端用时' },
      isResetClean: { en: 'No brownout or watchdog among the causes', zh: '复位原因中无欠压或看门狗' },
      resetReason: { en: 'Reset reason', zh: '复位原因' },
    },
    nexts: {
      'no-output': {
        en: 'The board said nothing after the reset. Check power, the port’s baud rate (115200; an ESP32-C2 with a 26 MHz crystal starts at 74880), that TX and RX are not swapped, and that RTS reaches EN (CHIP_PU).',
        zh: '复位后没有任何输出。请检查供电、串口波特率（115200；26 MHz 晶振的 ESP32-C2 启动时为 74880）、TX/RX 是否接反，以及 RTS 是否接到 EN（CHIP_PU）。',
      },
      'no-application': {
        en: 'The loader ran and the application did not begin. Look at the last line of the log: flash the firmware again with its partition table, and check the flash mode and frequency (menuconfig: Serial flasher config).',
        zh: '引导程序已运行但应用未启动。请查看日志最后一行；连同分区表重新烧录固件，并检查 Flash 模式和频率（menuconfig：Serial flasher config）。',
      },
      'waits-for-download': {
        en: 'The chip started into its download mode: the boot strapping pin (GPIO0 or GPIO9) is held low. Check the boot button, its pull-up of 10 kΩ and what else is on that pin, and that the serial program does not hold DTR.',
        zh: '芯片进入了下载模式：启动配置脚（GPIO0 或 GPIO9）被拉低。请检查 BOOT 按键、10 kΩ 上拉、该引脚上的其他电路，以及串口工具是否一直置位 DTR。',
      },
      'invalid-image': {
        en: 'The loader found no image that it may start. Flash bootloader, partition table and application anew, erase the flash first; with secure boot, sign the image with this board’s key.',
        zh: '引导程序找不到可启动的镜像。请先擦除 Flash，再重新烧录 bootloader、分区表和应用；启用安全启动时须用本板对应密钥签名。',
      },
      crashes: {
        en: 'The firmware crashed and started again. The rows before each further start tell where: register this build’s ELF file under Monitor › Symbols, and the backtrace becomes functions and lines. A crash at the same place on every board is the firmware’s; on this one alone, suspect its PSRAM, flash or solder joints.',
        zh: '固件崩溃后又重新启动。崩溃位置见每次重启之前的日志：在“监视 › 符号”登记该版本的 ELF 文件，回溯会显示函数和行号。每块板都崩在同一处是固件问题；只有这块板如此，请查 PSRAM、Flash 和焊接。',
      },
      'starts-again': {
        en: 'One reset, several starts. Put 1 µF (10 kΩ pull-up) on EN, a bulk capacitor of 100 µF or more at the 3.3 V rail, and read the second start’s reset reason: a panic before it is the firmware’s, power-on or brownout the supply’s.',
        zh: '复位一次却启动多次。请在 EN 脚加 1 µF 电容（10 kΩ 上拉），在 3.3 V 电源加 100 µF 以上储能电容，并查看第二次启动的复位原因：其前有 panic 属固件问题，power-on 或欠压属供电问题。',
      },
      'slow-start': {
        en: 'The application comes up late. Lower the bootloader’s log level (BOOTLOADER_LOG_LEVEL), skip image validation on power-on only where that is wanted (BOOTLOADER_SKIP_VALIDATE_ON_POWER_ON), and shorten the PSRAM memory test (SPIRAM_MEMTEST).',
        zh: '应用启动偏慢。可降低 bootloader 日志级别（BOOTLOADER_LOG_LEVEL），在允许时跳过上电镜像校验（BOOTLOADER_SKIP_VALIDATE_ON_POWER_ON），或关闭 PSRAM 自检（SPIRAM_MEMTEST）。',
      },
      'bad-reset': {
        en: 'The start was caused by the supply or a watchdog, not by the reset. Measure the 3.3 V rail with an oscilloscope while Wi-Fi starts (peaks of 500 mA), change the USB cable or supply, and look for a watchdog line before the start.',
        zh: '启动由供电或看门狗引起，而非本次复位。请用示波器测量 Wi-Fi 启动时的 3.3 V 电源（峰值约 500 mA），更换 USB 线或电源，并查看启动前是否有看门狗日志。',
      },
    },
  },
  'power.loop': {
    title: { en: 'Stays up', zh: '运行稳定性' },
    what: {
      en: 'Leaves the board alone for a while and counts starts, crashes, brownouts and watchdogs: there have to be none.',
      zh: '静置观察一段时间，统计重启、崩溃、欠压和看门狗：均应为零。',
    },
    values: {
      brownouts: { en: 'Brownouts', zh: '欠压次数' },
      panics: { en: 'Crashes', zh: '崩溃次数' },
      watchdogs: { en: 'Watchdogs', zh: '看门狗次数' },
      resets: { en: 'Starts', zh: '重启次数' },
      reason: { en: 'Last reset reason', zh: '最近一次复位原因' },
    },
    nexts: {
      brownout: {
        en: 'The supply sags. Give the board 5 V / 1 A or more over a short cable, put 100 µF and 100 nF at the module’s 3.3 V pin, and check the regulator’s current limit and the amplifier’s share; do not turn the detector off (ESP_BROWNOUT_DET).',
        zh: '供电电压跌落。请用短线提供 5 V/1 A 以上电源，在模组 3.3 V 引脚加 100 µF 和 100 nF 电容，检查稳压器限流及功放耗流；不要关闭欠压检测（ESP_BROWNOUT_DET）。',
      },
      panic: {
        en: 'The firmware crashed. Register the build’s ELF file under Monitor › Symbols: the backtrace becomes functions and lines. Where it is a stack overflow, enlarge that task’s stack.',
        zh: '固件崩溃。请在“监视 › 符号”登记该版本的 ELF 文件，回溯会显示函数和行号；若为栈溢出，请加大对应任务的栈。',
      },
      watchdog: {
        en: 'A task did not let others run. The lines before it name the task (ESP_TASK_WDT): let it block or yield, and move long work out of callbacks and interrupts.',
        zh: '有任务长时间占用 CPU。看门狗之前的日志会给出任务名（ESP_TASK_WDT）：请让其阻塞或让出 CPU，并把耗时工作移出回调和中断。',
      },
      resets: {
        en: 'The board starts again without a crash line. Read the reset reason; without one look at EN (noise, a missing pull-up or capacitor), the serial adapter’s control lines, and software that restarts by itself (esp_restart, OTA, watchdog of the module).',
        zh: '板子无崩溃日志却重启。请查看复位原因；若无原因，检查 EN 脚（干扰、缺上拉或电容）、串口适配器控制线，以及主动重启的代码（esp_restart、OTA、模组看门狗）。',
      },
    },
  },
  'power.baseline': {
    title: { en: 'Start-up log against a good board', zh: '启动日志与基线比较' },
    what: {
      en: 'Compares what the board says while it starts with the log of a good board of the same kind and firmware, numbers and addresses left out: what is new, and what is missing.',
      zh: '将启动日志与同型号、同固件合格板的日志比较（忽略数值和地址）：找出新增和缺少的内容。',
    },
    values: {
      newErrors: { en: 'New error lines', zh: '新增错误行' },
      newWarnings: { en: 'New warning lines', zh: '新增警告行' },
      missingLines: { en: 'Missing lines', zh: '缺少的行' },
      newLines: { en: 'New or more frequent lines', zh: '新增或更频繁的行' },
      movedLines: { en: 'Lines out of order', zh: '顺序不同的行' },
      firmwareVersion: { en: 'Baseline of firmware', zh: '基线固件版本' },
    },
    nexts: {
      'new-errors': {
        en: 'This board reports errors that a good one does not: the evidence lists them. Most name the part (I2C: codec or its pull-ups; SPI flash; PSRAM; Wi-Fi calibration): look at that part’s soldering and supply first.',
        zh: '该板报告了合格板没有的错误（见证据）。多数会指明部件（I2C：Codec 或上拉；SPI Flash；PSRAM；Wi-Fi 校准）：请先检查该部件的焊接和供电。',
      },
      'new-warnings': {
        en: 'This board warns of something that a good one does not: compare the parts fitted (flash size, PSRAM mode, crystal) with the good board’s.',
        zh: '该板出现了合格板没有的警告：请与合格板比对所用器件（Flash 容量、PSRAM 模式、晶振）。',
      },
      missing: {
        en: 'Something that a good board starts did not start here: the missing lines name it. Where the firmware was changed under the same version, remove the baseline and let a good board make a new one.',
        zh: '合格板会启动的某部分在此板未启动（见缺少的行）。若同一版本号下改过固件，请删除基线并用合格板重新生成。',
      },
    },
  },
};
