import type { CheckWords } from './words.ts';

/** Words of the identity group's checks. */
export const identityWords: Readonly<Record<string, CheckWords>> = {
  'identity.chip': {
    title: { en: 'Chip', zh: '芯片' },
    what: {
      en: 'Asks the chip’s loader what it is: kind and revision, MAC, flash and protections. The board is reset twice for it.',
      zh: '通过芯片 ROM 下载器读取型号、版本、MAC、Flash 和安全状态。过程中板子会复位两次。',
    },
    values: {
      chip: { en: 'Chip', zh: '芯片' },
      mac: { en: 'MAC', zh: 'MAC 地址' },
      isMacReal: { en: 'MAC is a real one', zh: 'MAC 地址有效' },
      flashBytes: { en: 'Flash', zh: 'Flash 容量' },
      revision: { en: 'Revision (100 × major + minor)', zh: '芯片版本（主版本×100+次版本）' },
      hasSecureBoot: { en: 'Secure boot', zh: '安全启动' },
      hasFlashEncryption: { en: 'Flash encryption', zh: 'Flash 加密' },
      isDownloadSecured: { en: 'Secure download mode', zh: '安全下载模式' },
      isJtagDisabled: { en: 'JTAG disabled', zh: 'JTAG 已禁用' },
      isBack: { en: 'Application runs again afterwards', zh: '之后应用恢复运行' },
    },
    nexts: {
      'no-chip': {
        en: 'The loader did not say which chip it is: check that the module is the one of the bill of materials, and repeat at 115200 baud.',
        zh: '下载器未返回芯片型号：请确认模组与物料清单一致，并以 115200 波特率重试。',
      },
      'bad-mac': {
        en: 'The MAC is empty or no unicast address: the eFuse was not burnt, or is read wrongly. Try another module of the reel; a second such one is a matter for its vendor.',
        zh: 'MAC 为空或不是单播地址：eFuse 未烧写或读取有误。请换同批次另一模组；若仍如此请联系模组厂商。',
      },
      'small-flash': {
        en: 'The flash is smaller than the firmware wants or was not recognised: compare its marking with the bill of materials, check the solder joints of CLK, CS and IO0–IO3, and the flash size in menuconfig (ESPTOOLPY_FLASHSIZE).',
        zh: 'Flash 容量不足或未识别：请对照物料清单核对丝印，检查 CLK、CS、IO0–IO3 焊点，以及 menuconfig 的 Flash 容量（ESPTOOLPY_FLASHSIZE）。',
      },
      security: {
        en: 'The protections are not those that the list asks for: burn them with the production build (menuconfig: Security features), or use a board that has not been locked. What is burnt cannot be undone.',
        zh: '安全状态与检查清单要求不符：请用量产固件启用（menuconfig：Security features），或换用未锁定的板子。烧写后不可撤销。',
      },
      'not-back': {
        en: 'After the loader the application did not come up. Press reset; where that helps, the adapter’s RTS does not reach EN, or the boot pin stays low while it is released.',
        zh: '退出下载器后应用未启动。请按复位键；若有效，说明适配器 RTS 未接 EN，或释放时启动配置脚仍为低。',
      },
    },
  },
  'identity.firmware': {
    title: { en: 'Firmware', zh: '固件' },
    what: {
      en: 'Tells which firmware runs, as the log, the flash and the cloud know it, and whether they agree.',
      zh: '核对日志、Flash 和云端所示的固件是否一致，以及是否为要求的版本。',
    },
    values: {
      appVersion: { en: 'Version', zh: '固件版本' },
      appName: { en: 'Name', zh: '固件名称' },
      firmwareSha256: { en: 'SHA-256 of the build', zh: '构建 SHA-256' },
      idfVersion: { en: 'ESP-IDF', zh: 'ESP-IDF 版本' },
      sdkVersion: { en: 'Voice SDK', zh: '语音 SDK 版本' },
      reportedVersion: { en: 'Version told to the cloud', zh: '上报云端的版本' },
      isOneFirmware: { en: 'Log and flash agree', zh: '日志与 Flash 一致' },
    },
    nexts: {
      'other-firmware': {
        en: 'Another firmware runs than the one asked for: flash the release that the list names (Flash › Recipes & batch), and check that the OTA choice does not start an older slot (erase otadata).',
        zh: '运行的固件与要求不符：请烧录检查清单指定的版本（“烧录 › 配方与批量”），并确认 OTA 未指向旧分区（可擦除 otadata）。',
      },
      'old-sdk': {
        en: 'The voice SDK is not the version asked for: update the component and build anew.',
        zh: '语音 SDK 不是要求的版本：请更新组件并重新编译。',
      },
      'two-firmwares': {
        en: 'The log is of another build than the application in the flash: an OTA slot or a start from before is shown. Reset the board and repeat; then erase otadata and flash again.',
        zh: '日志对应的构建与 Flash 中的应用不同：可能运行在另一 OTA 分区或日志来自上次启动。请复位后重试；仍不符则擦除 otadata 并重新烧录。',
      },
    },
  },
  'identity.device': {
    title: { en: 'Device', zh: '设备身份' },
    what: {
      en: 'Which device the board says it is, whether this bench believes it, and whether any other board says the same.',
      zh: '核对板子的设备三元组：是否已写入、是否通过认证、是否与其他板子重复。',
    },
    values: {
      isProvisioned: { en: 'Device written to the board', zh: '已写入三元组' },
      isRegistered: { en: 'Registered on this bench', zh: '已在本工作台登记' },
      isProven: { en: 'Secret or certificate accepted', zh: '密钥或证书认证通过' },
      takeovers: { en: 'Taken over by another connection', zh: '被其他连接顶替次数' },
      otherBoards: { en: 'Other boards with the same identity', zh: '身份重复的其他板子数' },
      productId: { en: 'Product', zh: '产品 ID' },
      deviceName: { en: 'Device', zh: '设备名' },
      proof: { en: 'Proof', zh: '认证方式' },
      refusal: { en: 'Refused for', zh: '拒绝原因' },
      sharedWith: { en: 'Same as serial number', zh: '与该序列号重复' },
    },
    nexts: {
      provision: {
        en: 'The board has no device of its own: write ProductID, DeviceName and DeviceSecret (Flash › Provisioning, or the vendor’s way), each set to one board only.',
        zh: '板子尚未写入三元组：请写入 ProductID、DeviceName、DeviceSecret（“烧录 › 量产信息”或厂商工具），每组只写一块板。',
      },
      register: {
        en: 'The bench does not know this device: add it under Cloud › Devices with the board’s secret, or accept unknown devices (Settings, Unknown devices).',
        zh: '工作台未登记该设备：请在“云 › 设备”中用板上密钥添加，或在“设置”中接受未登记的设备。',
      },
      'wrong-secret': {
        en: 'The board’s proof was refused, or it had none: compare the secret on the board with the one registered (both base64), check that its product authenticates as the bench expects (key, PSK, certificate), and its clock for certificates.',
        zh: '认证被拒绝或未提供：请核对板上密钥与登记密钥（均为 base64）、产品认证方式（密钥、PSK、证书）是否一致，使用证书时还要检查板上时间。',
      },
      'two-boards': {
        en: 'Two connections push each other out: another board, or an emulator, runs with this device. Find it by its address under Cloud › Devices, and write one of them anew.',
        zh: '有两个连接互相顶替：另有板子或模拟器在使用同一设备。请在“云 › 设备”按地址找到它，并重写其中一块。',
      },
      'used-twice': {
        en: 'A board with another serial number was checked with the same MAC, IMEI or device: one of the two was given the other’s values, or a serial number was scanned wrongly. Check both labels, then provision one anew.',
        zh: '另一序列号的板子曾使用相同的 MAC、IMEI 或三元组：可能写重，或条码扫错。请核对两块板的标签，并重写其中一块。',
      },
    },
  },
  'identity.sim': {
    title: { en: 'Module and SIM', zh: '模组与 SIM 卡' },
    what: {
      en: 'Asks an LTE module, step by step, from its IMEI over SIM, signal and registration to its address: the first step that fails is the cause of the rest.',
      zh: '用 AT 命令逐步检查 LTE 模组：IMEI、SIM、信号、注册、附着、IP 地址。第一个失败的步骤即为原因。',
    },
    values: {
      failedSteps: { en: 'Failed steps', zh: '失败步骤数' },
      isImeiValid: { en: 'IMEI valid (check digit)', zh: 'IMEI 有效（校验位）' },
      isSimReady: { en: 'SIM ready', zh: 'SIM 就绪' },
      rssiDbm: { en: 'Signal (RSSI)', zh: '信号（RSSI）' },
      isRegistered: { en: 'Registered', zh: '已注册网络' },
      hasAddress: { en: 'Has an IP address', zh: '已获得 IP 地址' },
      rsrpDbm: { en: 'RSRP', zh: 'RSRP' },
      rsrqDb: { en: 'RSRQ', zh: 'RSRQ' },
      snrDb: { en: 'SNR', zh: 'SNR' },
      imei: { en: 'IMEI', zh: 'IMEI' },
      iccid: { en: 'ICCID', zh: 'ICCID' },
      operator: { en: 'Operator', zh: '运营商' },
      pingMs: { en: 'Ping', zh: 'Ping 时延' },
      model: { en: 'Module', zh: '模组型号' },
      firstFailed: { en: 'First failed step', zh: '首个失败步骤' },
    },
    nexts: {
      'check-port': {
        en: 'Nothing answers AT. Take the module’s AT port (USB interface 2), check the baud rate, and that it is powered, awake and its POWERKEY was pressed.',
        zh: 'AT 无应答。请使用模组的 AT 口（USB 接口 2），检查波特率，并确认模组已上电、未休眠且已按下 POWERKEY。',
      },
      'update-firmware': {
        en: 'The module does not know this command: nothing to do for this check, newer firmware may.',
        zh: '模组不支持该命令：对本检查无影响，新固件可能支持。',
      },
      'write-imei': { en: 'Write a valid IMEI with the vendor’s tool or AT+ECCGSN.', zh: '用厂商工具或 AT+ECCGSN 写入有效的 IMEI。' },
      'insert-sim': {
        en: 'No SIM is seen: insert one; check the holder, its detect pin, the lines SIM_CLK, SIM_DATA, SIM_RST, and the slot (AT+ECSIMCFG?).',
        zh: '未检测到 SIM：请插卡，检查卡座、检测脚、SIM_CLK/SIM_DATA/SIM_RST 走线和卡槽配置（AT+ECSIMCFG?）。',
      },
      'enter-pin': { en: 'The SIM wants its PIN: AT+CPIN="1234".', zh: 'SIM 需要 PIN：AT+CPIN="1234"。' },
      'enter-puk': {
        en: 'The PIN is blocked. Enter the PUK: AT+CPIN="PUK","new PIN".',
        zh: 'PIN 已锁死，输入 PUK：AT+CPIN="PUK","新 PIN"。',
      },
      'replace-sim': { en: 'Try another SIM, and clean its contacts.', zh: '换一张 SIM 卡，并清洁触点。' },
      'check-antenna': {
        en: 'The signal is too weak: check that the antenna is fitted and its connector clicked in, the matching network, and nothing of metal above it; compare with a good board in the same place.',
        zh: '信号过弱：请检查天线是否装好、接头是否扣紧、匹配电路是否正确、天线上方有无金属，并在同一位置与合格板对比。',
      },
      'move-antenna': { en: 'It works, but not reliably: improve the antenna or its place.', zh: '能用但不稳定：请改善天线或摆放位置。' },
      'turn-radio-on': { en: 'The radio is off: AT+CFUN=1.', zh: '射频未打开：AT+CFUN=1。' },
      'wait-for-network': {
        en: 'Not registered: see the antenna and the bands (AT+ECBAND?), and whether the SIM works in a telephone.',
        zh: '未注册到网络：请检查天线和频段（AT+ECBAND?），并把 SIM 插入手机确认可用。',
      },
      'check-subscription': {
        en: 'The network refuses it: check that the SIM is active, its binding to an IMEI, its area and roaming.',
        zh: '被网络拒绝：检查卡是否激活、机卡绑定、区域限制和漫游。',
      },
      'check-band': {
        en: 'It does not search: check AT+CFUN, AT+COPS=0 and the bands (AT+ECBAND?).',
        zh: '没有在搜网：检查 AT+CFUN、AT+COPS=0 和频段（AT+ECBAND?）。',
      },
      attach: {
        en: 'Attach by hand: AT+CGATT=1. If that is refused, check the subscription.',
        zh: '手动附着：AT+CGATT=1；若被拒绝请检查套餐。',
      },
      'check-apn': {
        en: 'No address: check that the APN (AT+CGDCONT) is the SIM’s.',
        zh: '没有地址：检查 APN（AT+CGDCONT）是否与卡一致。',
      },
      'check-route': {
        en: 'No replies: check DNS, the APN’s firewall (IoT SIMs often reach listed hosts only) and the balance.',
        zh: '没有回包：检查 DNS、APN 白名单（物联网卡常只通指定主机）和余额。',
      },
      repeat: { en: 'Some replies were lost: repeat it, and look at the signal.', zh: '有丢包：请重试，并留意信号。' },
      'read-error': { en: 'See the modem’s own answer in the evidence.', zh: '请查看证据中模组的原始应答。' },
    },
  },
};
