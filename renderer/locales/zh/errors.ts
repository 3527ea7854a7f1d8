export const errors = {
  internal: { what: '内部错误 {{id}}。', next: '这是 Talkbench 的缺陷。日志中此编号下有详情，请反馈给我们。' },
  'bad-request': { what: '请求格式不正确。', next: '请检查填写的值；如果无误，请反馈给我们。' },
  'unknown-call': { what: '核心不认识“{{name}}”。', next: '页面与核心版本不一致，请刷新页面。' },
  'not-found': { what: '找不到{{what}}“{{id}}”。', next: '它可能已被删除，请返回列表。' },
  cancelled: { what: '已取消。', next: '不会再继续，需要时可重新开始。' },
  disconnected: { what: '请求期间与核心的连接断开了。', next: '正在自动重连，连上后再试。' },
  'too-large': { what: '数据太大：{{sizeBytes}} 字节，上限 {{limitBytes}} 字节。', next: '请选择更小的文件或范围。' },
  forbidden: { what: '当前角色（{{role}}）无权执行此操作。', next: '请用操作员链接打开应用。' },
  unsupported: { what: '这里无法使用 {{feature}}：{{why}}。', next: '请换一种方式，或换一台机器。' },
  timeout: { what: '{{operation}} 超过 {{timeoutMs}} ms 未完成。', next: '请重试；若反复出现，请查看日志。' },
  'port/not-found': { what: '端口 {{address}} 不存在。', next: '请插好开发板，然后刷新列表。' },
  'port/busy': {
    what: '{{address}} 正被其他程序占用（{{owner}}）。',
    next: '请在那里关闭它（其他串口工具、烧录工具、ModemManager），然后重试。',
  },
  'port/permission': {
    what: '没有打开 {{address}} 的权限，它属于用户组 {{group}}。',
    next: '请运行“{{command}}”后重新登录；或把下面这行写入 /etc/udev/rules.d/70-boards.rules（对本机所有用户生效），然后重新插拔开发板：{{rule}}',
  },
  'port/sending': { what: '已有文件正在发送到 {{address}}。', next: '请等待它结束，或取消。' },
  'port/not-approved': {
    what: '{{address}} 不是本机所有者批准过的命令。',
    next: '请在命令行批准：talkbench ports add {{name}} -- 程序 参数…',
  },
  'port/list-unavailable': {
    what: '无法列出串口：未安装 {{missing}}。',
    next: '请安装（Debian：apt-get install udev）。也可以直接输入端口地址。',
  },
  'port/refused': { what: '{{address}} 拒绝连接：{{reason}}。', next: '请确认对端已启动、地址正确。' },
  'port/closed': { what: '{{address}} 未打开。', next: '请打开端口，或重新插好板子，然后重试。' },
  'port/unsupported': { what: '{{address}} 不支持：{{feature}}。', next: '请改用本地串口。' },
  'port/bad-address': {
    what: '“{{address}}”不是端口地址。',
    next: '请使用 /dev/ttyUSB0、COM7、socket://主机:端口 或 rfc2217://主机:端口。',
  },
  'port/lost': { what: '{{address}} 已断开：{{reason}}。', next: '请检查线缆。开发板恢复后端口会自动重新打开。' },
  'board/pty-unavailable': { what: '虚拟开发板需要伪终端，{{platform}} 不提供。', next: '请在 Linux 或 macOS 上使用虚拟开发板。' },
  'board/not-running': { what: '虚拟开发板 {{name}} 没有运行。', next: '请先启动它。' },
  'symbols/bad-elf': {
    what: '{{path}} 无法用于解码：{{reason}}。',
    next: '请选择构建生成的 .elf 文件（ESP-IDF 为 build/项目名.elf），不是 .bin 镜像。',
  },
  'flash/sync-timeout': {
    what: '{{address}} 上的开发板没有应答下载器（尝试 {{attempts}} 次）。',
    next: '按住 BOOT，按一下 EN，松开 BOOT，再试一次。',
  },
  'flash/protocol': {
    what: '下载器执行 {{command}} 失败：{{reason}}（状态 {{status}}）。',
    next: '请检查线缆、USB 集线器和供电，然后降低波特率重新烧录。如果任何波特率都被拒绝，请关闭 stub 再试。',
  },
  'flash/verify-mismatch': {
    what: '{{file}} 从 {{offset}} 起回读与写入不一致（应为 {{expected}}，实为 {{actual}}）。',
    next: '请降低波特率重新烧录。若反复出现，说明 Flash 芯片或供电有问题。',
  },
  'flash/wrong-chip': { what: '开发板是 {{actual}}，固件是给 {{expected}} 的。', next: '请选择对应芯片的固件，或换正确的端口。' },
  'flash/too-big': {
    what: '{{offset}} 处的文件（{{sizeBytes}} 字节）超出 {{flashBytes}} 字节的 Flash。',
    next: '请检查偏移地址与 Flash 大小。',
  },
  'flash/overlap': { what: '{{first}} 与 {{second}} 重叠。', next: '请修正偏移地址。' },
  'flash/bad-file': { what: '{{path}} 无法烧录：{{reason}}。', next: '请选择构建生成的文件。' },
  'flash/bad-offset': { what: '{{offset}} 不是可用的偏移地址：{{reason}}。', next: '请使用扇区大小的整数倍，例如 0x10000。' },
  'flash/no-stub': { what: '没有 {{chip}} 的 stub 下载器。', next: '请关闭“使用 stub”。' },
  'flash/busy': { what: '另一个任务正在烧录 {{address}}。', next: '请等待完成，或取消它。' },
  'flash/cancelled': { what: '烧录在“{{stage}}”阶段被取消，开发板状态：{{boardState}}。', next: '使用开发板前请重新烧录。' },
  'flash/no-offset': {
    what: '无法确定 {{name}} 应写到哪里：{{reason}}。',
    next: '请填写偏移地址，或加入分区表（或整个构建目录），或把文件改成分区的名字。',
  },
  'flash/does-not-fit': {
    what: '{{name}}（{{sizeBytes}} 字节）放不进分区 {{partition}}（{{partitionBytes}} 字节）。',
    next: '请在 partitions.csv 中加大分区，或减小文件。选项中的“仍然写入”可强制执行。',
  },
  'flash/no-image': {
    what: '{{name}} 不是芯片能启动的镜像，而 {{offset}} 是芯片启动的位置（{{place}}）。未写入任何内容。',
    next: '请选择构建为该位置生成的 .bin，或修正偏移地址。选项中的“仍然写入”可强制执行，例如事先加密的镜像。',
  },
  'flash/not-booting': {
    what: '内容已全部写入，但开发板无法启动。它的输出：{{said}}',
    next: '请烧录完整的构建：引导程序、分区表和应用。查看日志可看到开发板的输出。',
  },
  'flash/files-changed': {
    what: '以下文件与已显示的烧录计划不一致：{{names}}。',
    next: '请重新选择文件、查看新的计划，然后再开始。',
  },
  'flash/wrong-port': {
    what: '{{address}} 的 USB ID 表明它是 {{actual}}，而本次操作针对 {{expected}}；未向它发送任何数据。',
    next: '请选择正确开发板的端口；如确认该端口可用，请选择“仍然写入”（--force）。',
  },
  'flash/secured': {
    what: '这颗芯片已启用安全功能：安全启动、Flash 加密或安全下载。',
    next: '明文固件在它上面无法启动，甚至可能永久锁死。只有已签名或已加密的文件才能写入：选项中的“仍然写入”。',
  },
  'flash/no-partition': { what: '开发板上没有分区 {{partition}}。', next: '请读取身份信息查看有哪些分区，或先烧录分区表。' },
  'flash/vendor-tool': {
    what: '{{chip}} 只能用原厂工具 {{tool}} 烧录。',
    next: '请在原厂工具中烧录；本应用的监视器、AT 控制台等照常可用。',
  },
  'flash/no-agentboot': {
    what: '{{chip}} 需要 {{transport}} 用的二级下载器（agentboot.bin），原厂不允许他人分发。',
    next: '请提供该文件：在原厂下载工具里对应芯片的 agentboot_usb 或 agentboot_uart 目录中。',
  },
  'flash/wrong-agentboot': {
    what: '这个 agentboot 是给 {{actual}} 的，固件包是给 {{expected}} 的。',
    next: '请使用与固件包同一芯片的 agentboot，否则模组会在写入中途复位。',
  },
  'flash/no-download-port': {
    what: '模组没有以下载模式重新出现（{{transport}}，已等待 {{waitedMs}} ms）。',
    next: '请按住 BOOT 键（或将 USB_BOOT 拉到 VDD_EXT），开机或按 RESET，松开后重试。',
  },
  'flash/protected': {
    what: '{{offset}} 起 {{sizeBytes}} 字节会碰到{{what}}，它在出厂时写入，无法重新生成。',
    next: '请选择避开它的范围。',
  },
  'nvs/bad-csv': {
    what: 'NVS 表第 {{line}} 行无法使用：{{reason}}。',
    next: '需要 key,type,encoding,value 四列，与 ESP-IDF 的 NVS 生成工具一致。',
  },
  'nvs/bad-value': {
    what: '{{namespace}}/{{key}} 的值无法使用：{{reason}}。',
    next: '请修改条目：数值须符合类型，二进制用 hex 或 base64。',
  },
  'nvs/too-big': {
    what: '这些值需要 {{neededBytes}} 字节，分区只有 {{sizeBytes}} 字节。',
    next: '请减少条目，或在 partitions.csv 中加大分区。',
  },
  'nvs/not-an-image': {
    what: '这不是 NVS 分区：没有一页以 NVS 页头开始（{{sizeBytes}} 字节）。',
    next: '请选择只含 NVS 分区的镜像，例如对该分区的备份。整片 Flash 的备份中，它只是一部分。',
  },
  'nvs/missing-variable': { what: '变量“{{name}}”没有值。', next: '请在“变量”中填写，或选择带有它的设备。' },
  'provisioning/bad-list': {
    what: '设备表第 {{line}} 行无法使用：{{reason}}。',
    next: '每行为产品 ID、设备名、密钥。请修改后重新导入：这次没有导入任何一行。',
  },
  'provisioning/header-unknown': {
    what: '设备表第 {{line}} 行（{{header}}）可能是无法识别的表头，也可能是一个设备。',
    next: '请把这一行的列名写成产品 ID、设备名称、设备密钥；如果它就是设备，请说明此表没有表头。这次没有导入任何一行。',
  },
  'provisioning/unnamed': {
    what: '已选择设备，但没有任何取值用到它。',
    next: '选用一个模板，或在某个取值中写入 ${product_id}、${device_name} 或 ${device_secret}，或不选择设备。',
  },
  'provisioning/list-empty': { what: '这个设备表已全部用完。', next: '请导入更多设备，或释放一个未烧到任何板子上的设备。' },
  'provisioning/duplicate': {
    what: '{{productId}}/{{deviceName}} 已在某个设备表中。',
    next: '请从文件中删去它，或删除旧的设备表：一个设备只能烧进一块板。',
  },
  'provisioning/several-boards': {
    what: '{{productId}}/{{deviceName}} 是一个设备，而要烧录的板子有 {{boards}} 块。',
    next: '请在配方中选用设备表，或只烧录一块板子。',
  },
  'provisioning/used': {
    what: '{{productId}}/{{deviceName}} 已在另一块板子上。',
    next: '请换一个设备；如果它已不在任何板子上，请在设备表中释放它。',
  },
  'provisioning/reserved': { what: '这个设备表中有设备正在烧录。', next: '请等任务结束后再试。' },
  'recipe/bad-file': { what: '这不是配方文件：{{reason}}。', next: '请选择 Talkbench 导出的 .json 文件。' },
  'wifi/no-radio': {
    what: '这台机器没有这种配网方式所需的无线。',
    next: '请换一台能用 Wi-Fi 加入开发板热点的机器（SoftAP），或在带蓝牙的机器上用 Chrome 或桌面应用打开；也可以用手机上的腾讯连连配网。',
  },
  'wifi/no-answer': {
    what: '开发板没有应答。',
    next: '请确认它处于配网模式且距离够近、这台机器已加入它的热点、防火墙没有拦截 UDP，然后重试。',
  },
  'wifi/refused': {
    what: '开发板报告配网失败：{{reason}}（{{code}}）。',
    next: '请检查网络名和密码，并确认它是开发板能收到的 2.4 GHz 网络，然后重试。',
  },
  'wifi/not-seen': {
    what: '开发板收下了网络名和密码，但 {{waitedSeconds}} 秒内没有连到本工作台（设备名：{{deviceName}}）。',
    next: '最常见的是密码错误，或这台机器不在那个网络里。请看开发板的日志，并确认固件里是本工作台的地址、设备已在此登记。',
  },
  'wifi/busy': { what: '另一次同类配网正在进行。', next: '请等它结束，或先取消它。' },
  'wifi/radio-lost': {
    what: '与开发板的蓝牙连接失败：{{reason}}。',
    next: '请保持此窗口打开，让开发板靠近并处于配网模式，然后重新选择它。',
  },
  'listen/in-use': { what: '{{listener}} 的端口 {{port}} 已被占用。', next: '请停止占用的程序，或在设置中换一个端口。' },
  'listen/privileged': {
    what: '监听 {{listener}} 不能使用端口 {{port}}：本机 1024 以下的端口需要管理员权限。',
    next: 'Linux 上可执行一次“sudo sysctl net.ipv4.ip_unprivileged_port_start=80”后重新启动；或换一个端口，由路由器将 80 转发过来。',
  },
  'listen/refused': { what: '{{listener}} 无法在 {{host}} 上监听：{{reason}}。', next: '请在设置中选择本机的地址。' },
  'engine/unavailable': { what: '{{stage}} 引擎 {{engine}} 不可用：{{missing}}。', next: '请安装所缺部分，或在设置中换一个引擎。' },
  'engine/failed': { what: '{{stage}} 引擎 {{engine}} 出错：{{reason}}。', next: '这一轮已放弃。请重试或换一个引擎。' },
  'engine/timeout': { what: '{{stage}} 引擎 {{engine}} 在 {{timeoutMs}} ms 内没有应答。', next: '请重试，或换更快的引擎。' },
  'engine/rate-limited': { what: '{{stage}} 引擎 {{engine}} 限制了请求频率。', next: '请稍候再试，或提高账号的限额。' },
  'engine/unauthorized': {
    what: '{{stage}} 引擎 {{engine}} 拒绝了密钥：{{reason}}。',
    next: '请检查密钥及其权限，然后在引擎配置中重新填写。',
  },
  'engine/unreachable': {
    what: '无法在 {{address}} 连接 {{stage}} 引擎 {{engine}}：{{reason}}。',
    next: '请检查地址、服务是否在运行，以及本机的网络或代理。',
  },
  'engine/cut': {
    what: '{{stage}} 引擎 {{engine}} 在应答中途断开了连接：{{reason}}。',
    next: '请重试。若反复出现，请检查网络以及服务对长度和时间的限制。',
  },
  'engine/bad-config': { what: '引擎的“{{field}}”无法使用：{{reason}}。', next: '请在引擎配置中改正。' },
  'engine/in-use': { what: '引擎 {{id}} 正在使用：{{by}}。', next: '请先在那里换成别的引擎。' },
  'model/no-space': {
    what: '磁盘空间不足以存放模型：需要 {{neededBytes}} 字节，剩余 {{freeBytes}} 字节。',
    next: '请腾出空间；下载会从中断处继续。',
  },
  'model/mismatch': {
    what: '{{path}} 不是目录中的那个文件（SHA-256 为 {{actual}}，应为 {{expected}}），未保留。',
    next: '请重试或换一个镜像。若反复出现，请不要使用该来源。',
  },
  'model/download-failed': {
    what: '下载 {{url}} 失败：{{reason}}。',
    next: '请在网络恢复后继续、设置镜像，或从文件夹导入模型。',
  },
  'model/incomplete': { what: '文件夹 {{folder}} 缺少模型的部分文件：{{missing}}。', next: '请选择包含全部文件的文件夹。' },
  'audio/bad-wav': { what: '这个 WAV 文件无法使用：{{reason}}。', next: '请使用 16 位 PCM WAV，单声道或立体声。' },
  'audio/decode': { what: '音频（{{codec}}）无法解码：{{reason}}。', next: '请核对开发板声明的编码与帧长。' },
  'audio/unavailable': {
    what: '无法使用本机的麦克风和扬声器：缺少 {{missing}}。',
    next: '请安装它（Debian：apt-get install libasound2），或改用浏览器自己的麦克风。其他功能不受影响。',
  },
  'audio/no-device': {
    what: '这里没有可用于 {{direction}} 的声音设备 {{wanted}}。',
    next: '请接上设备，或查看列表：talkbench talk --devices。没有声卡时可用浏览器自己的麦克风通话。',
  },
  'audio/device-failed': {
    what: '声音设备“{{device}}”（{{direction}}）出错：{{reason}}。',
    next: '请确认没有其他程序占用它、系统允许 Talkbench 使用麦克风，或换一个设备。',
  },
  'audio/process-ended': {
    what: '管理声音设备的进程已结束：{{reason}}（{{code}}）。',
    next: '它会自动重新启动。若反复结束，请换一个设备，或重新插拔正在使用的设备。',
  },
  'gateway/malformed': {
    what: '开发板发来 {{gateway}} 网关无法解析的内容：{{what}}（{{reason}}）。',
    next: '原始内容已记录，请核对固件的协议版本。',
  },
  'broker/unreachable': { what: 'MQTT 服务器 {{url}} 无应答：{{reason}}。', next: '请检查它是否在运行、地址，以及设置中的用户名和密码。' },
  'product/in-use': { what: '产品 {{productId}} 下还有 {{devices}} 台设备。', next: '请先删除这些设备，或连同设备一起删除产品。' },
  'device/unknown': { what: '设备 {{productId}}/{{deviceName}} 未注册。', next: '请在“云 → 设备”中添加，或在设置中允许未知设备。' },
  'device/bad-secret': { what: '设备 {{productId}}/{{deviceName}} 使用了错误的密钥。', next: '请把注册表中的密钥写入开发板。' },
  'device/duplicate': { what: '{{productId}}/{{deviceName}} 已存在。', next: '请换一个设备名。' },
  'check/bad-list': { what: '无法读取该检查清单：{{reason}}。', next: '请修改所指的行；可用的写法见 docs/checks.md。' },
  'check/built-in': { what: '随 Talkbench 提供的检查清单不可修改。', next: '请另存为自己的清单后再修改。' },
  'check/list-differs': {
    what: '已有名为“{{name}}”、版本为 {{version}} 的清单，且内容不同。',
    next: '请在文件中改用新的版本号以替换该清单，或改用其他名称以同时保留两份。',
  },
  'check/busy': {
    what: '这块板子正在检查中（通过此串口，或以另一个名称）。',
    next: '请等待该次检查结束，或取消它。如果这是两块板子，则它们写入了同一个设备身份，请分别写入。',
  },
  'check/sound-removed': {
    what: '这段声音已按保留规则清理，由它得出的测量结果仍在。',
    next: '如需保留某次检查的声音，请将其会话设为保留；容量与时间上限在会话列表下方设置。',
  },
  'check/link-impaired': {
    what: '{{productId}} / {{deviceName}} 的网络正被有意劣化，测得的结果不能算在板子头上。',
    next: '请先在“检查 › 弱网”中取消劣化，再重新开始。弱网检查项会自行劣化网络。',
  },
  'check/no-serial-number': {
    what: '该清单要求填写板子的序列号，但没有给出，检查未开始。',
    next: '请扫描或输入序列号，格式如 {{example}}。',
  },
  'check/serial-number': {
    what: '“{{serialNumber}}”不是该清单所适用板子的序列号（格式应如 {{example}}），检查未开始。',
    next: '请扫描正确的标签；若标签无误，请改选适用于该板的清单，或修改清单中的 serialNumber（{{matches}}）。',
  },
  'check/other-board': {
    what: '串口上是另一块板子：本次检查的是 {{expected}}，而它自称 {{actual}}，因此没有测量。',
    next: '请换回原来的板子并重做此项；换了板子或重写过身份，请为它新开一次检查。',
  },
  'check/board-left': {
    what: '板子在该项检查进行中重启，或语音连接已断开。',
    next: '请先在「运行稳定性」和日志中查明原因，再重做这一项。',
  },
  'check/bad-opus': {
    what: '无法从该文件中读出 Opus 包：{{reason}}。',
    next: '请用 SDK 的原始包录制至少一秒：裸包、带长度前缀或 Ogg 均可。',
  },
  'report/no-printer': {
    what: '本机没有可将报告打印为 PDF 的程序。',
    next: '请保存为 HTML 后用浏览器打印，或安装 Chromium、Chrome 或 Edge。',
  },
  'suite/bad-file': { what: '无法读取该用例集：{{reason}}。', next: '请修改文件；可用的写法见 docs/suites.md。' },
  'suite/no-file': {
    what: '无法读取用例集引用的文件 {{path}}（{{reason}}）。',
    next: '请把文件放在用例集旁边，或用会话库中的会话 ID。',
  },
  'suite/nothing-to-run': { what: '用例集中没有名称包含 {{only}} 的用例。', next: '请查看用例名称后重新选择。' },
  'scenario/bad-file': { what: '无法读取该场景文件：{{reason}}。', next: '请修改文件；可用的写法见 docs/scenarios.md。' },
  'device/offline': {
    what: '{{productId}}/{{deviceName}} 不在线。',
    next: '请给开发板上电，并确认其 MQTT 地址指向本机、密钥与注册的一致。',
  },
  'device/not-subscribed': {
    what: '{{productId}}/{{deviceName}} 在线，但没有订阅 {{topic}}。',
    next: '请让固件在每次连接后订阅该主题；在报文中可以看到它订阅了哪些。',
  },
  'device/no-action': {
    what: '产品 {{productId}} 没有行为“{{actionId}}”。',
    next: '请在物模型中定义它，或使用已有的标识符：{{known}}。',
  },
  'device/no-property': {
    what: '产品 {{productId}} 的属性“{{propertyId}}”不能设置（{{reason}}）。',
    next: '请在物模型中将其定义为可写属性。',
  },
  'ota/no-listener': { what: '没有可提供固件的监听端口。', next: '请在“云”页面查看监听：固件端口或网关端口必须已打开。' },
  'ota/in-use': { what: '有开发板正在下载“{{name}}”。', next: '请等待升级结束。' },
  'call/busy': { what: '{{productId}}/{{deviceName}} 正在通话中。', next: '请先结束该通话。' },
  'call/over': { what: '该通话的状态为 {{state}}，无法再执行此操作。', next: '请重新发起呼叫。' },
  'tool/timeout': { what: '开发板在 {{timeoutMs}} ms 内没有应答动作 {{name}}。', next: '请在日志中确认动作是否到达开发板。' },
  'tool/failed': {
    what: '工具 {{name}} 失败：{{code}} {{status}}。',
    next: '若是开发板的行为，请对照物模型检查参数；若是网络服务，请检查智能体中的地址和请求头。',
  },
  'tool/unknown': {
    what: '大模型调用了 {{name}}，而这个智能体没有这个工具。',
    next: '已经告诉大模型。如果提示词里写了这个名字，请添加该工具或删去这个名字。',
  },
  'tool/bad-arguments': {
    what: '大模型调用 {{name}} 的参数不符合要求。',
    next: '已经告诉大模型哪里不对，没有执行。请把参数和可选值描述得更准确。',
  },
  'agent/bad-config': {
    what: '这不是 TWeTalk 或 TRTC 的配置：{{reason}}（{{path}}）。',
    next: '请使用 GetTWeTalkProductConfigListV2 或 StartAIConversation 的 JSON。',
  },
  'agent/bad-thing-model': {
    what: '这不是物模型：{{reason}}（{{path}}）。',
    next: '请在控制台“功能定义 › 查看物模型JSON”导出，原样使用。',
  },
  'agent/plain-secret': {
    what: '工具中明文写有密钥（{{where}}）：凡能查看设置的人都会看到它。',
    next: '请改写为 ${secret:名称}，再把密钥以该名称存为密文。',
  },
  'agent/in-use': { what: '智能体“{{id}}”正被 {{by}} 使用。', next: '请先取消关联。' },
  'speech/refused': {
    what: '服务返回了错误：{{reason}}（code {{code}}）。',
    next: '−1 表示鉴权失败，请检查 token 或 appid；其他情况请检查服务的设置和所发送的内容。',
  },
  'speech/pair': {
    what: '{{engine}} 不能把 {{source}} 翻译成 {{target}}。',
    next: '内置短语表只支持中文和英文互译；其他语言请配置大语言模型。',
  },
  'speech/language': {
    what: '{{engine}}（{{stage}}）不支持语言 {{language}}。',
    next: '请换一个引擎，或换一种语言。',
  },
  'speech/unknown-words': {
    what: '内置短语表中没有这段文字的任何内容。',
    next: '请换一句简单的话，或配置大语言模型。',
  },
  'at/timeout': {
    what: '模组在 {{timeoutMs}} ms 内没有答完 {{command}}。',
    next: '请检查端口、波特率以及模组是否休眠。重新同步之前不会发出下一条指令。',
  },
  'at/module-reset': {
    what: '指令执行过程中模组重启了（{{line}}）。',
    next: '请检查供电（峰值 2 A），然后重发指令。',
  },
  'at/not-answering': {
    what: '{{address}} 上的模组连续 {{attempts}} 次没有应答 AT。',
    next: '请确认这是 AT 口、波特率正确、模组已唤醒。',
  },
  'at/no-data': {
    what: '{{command}} 之后模组在等待数据，但没有给出数据。',
    next: '请随指令一起给出文本或字节；本次已用 ESC 结束。',
  },
  'at/data-mode': {
    what: '{{address}} 处于数据模式：发送的内容会到达对端。',
    next: '取消即可用 +++ 回到指令模式。',
  },
  'talk/no-reply': { what: '{{waitedMs}} ms 内没有回复。', next: '请在会话中查看停在哪个阶段。' },
  'talk/refused': { what: '对话被拒绝（{{stage}}）：{{reason}}。', next: '请检查设备注册与监听端口。' },
  'tuya/no-debug-port': {
    what: '{{address}} 没有调试端口：{{reason}}。',
    next: '固件需要开启 ENABLE_AI_MONITOR，每台设备最多三个连接；请检查地址。',
  },
  'cloud/refused': { what: '云 API 拒绝了请求：{{message}}（{{code}}）。', next: '请按所指的项改正后再试。' },
  'store/disk-full': { what: '{{path}} 所在磁盘已满。', next: '请腾出空间：录制仍在继续，内存里放不下的内容会被丢弃并计数。' },
  'store/corrupt': { what: '数据库 {{path}} 已损坏。', next: '已移动到 {{movedTo}}，并新建了一个。' },
  'store/newer-schema': {
    what: '{{path}} 由更新版本的 Talkbench 写入（结构版本 {{found}}，本版支持 {{supported}}）。',
    next: '请升级 Talkbench。',
  },
  'store/locked': { what: '{{path}} 中的数据正被另一个 Talkbench 使用。', next: '请关闭另一个，或指定其他数据目录启动。' },
  'session/not-found': { what: '会话 {{id}} 不存在。', next: '它可能已被删除，请返回列表。' },
  'session/recording': { what: '会话 {{id}} 仍在录制。', next: '请先停止录制。' },
  'session/bad-file': {
    what: '这不是会话文件：{{reason}}。',
    next: '请选择 Talkbench 导出的 .talkbench 文件，或 Pipecat Whisker 2 的 .whisk 文件。',
  },
  'replay/no-uplink': {
    what: '那里没有录到用户说的话。',
    next: '请选择有上行音频的会话：会话列表里写着它有多少个包。',
  },
  'replay/bad-uplink': {
    what: '那里录到的不是麦克风的声音：有一个包在 {{startUs}} µs 处，采样率 {{sampleRate}} Hz。',
    next: '请换一份录音；如果它是导入的，请重新索取文件。',
  },
  'replay/no-device': {
    what: '没有虚拟设备会说这段对话的协议（{{gateway}}）。',
    next: '可以重跑 TWeTalk、TRTC、涂鸦和小智的对话。',
  },
  'replay/bad-address': {
    what: '{{address}} 不是连接 {{gateway}} 的地址。',
    next: '请填写这样的地址：{{wanted}}。',
  },
  'replay/credentials': {
    what: '对端要求身份，而缺少 {{missing}}。',
    next: '请填写你自己的凭据。只用于这一次，仅为导出时隐去而保存。',
  },
  'replay/device-online': {
    what: '设备 {{productId}}/{{deviceName}} 本身正在线。',
    next: '请先断开它，或者用单独的虚拟设备重跑。',
  },
  'replay/no-conversation': {
    what: '会话 {{id}} 中没有可以模拟的对话。',
    next: '请选择其他会话：对话须从开头起完整录制。',
  },
  'replay/needs-rerun': {
    what: '{{keys}} 改变的是引擎的回答，而那些回答没有被录制。',
    next: '请用该设置重新运行这段语音（“重新运行”），或保持原值。',
  },
  'replay/no-log': {
    what: '没有可以回放的日志：没有录到串口数据，或者文件是空的。',
    next: '请选择录有串口的会话，或者有内容的文件。',
  },
  'export/collector': {
    what: '采集器 {{url}} 没有接收追踪数据：{{reason}}。',
    next: '请检查其地址（HTTP 方式的 OTLP，通常为 4318 端口）以及所需的密钥。',
  },
  'latency/bad-assertion': {
    what: '无法理解条件“{{text}}”：{{reason}}。',
    next: '请修改；可测的指标和条件的写法见 docs/latency.md。',
  },
  'latency/bad-budget': {
    what: '无法读取该限值文件：{{reason}}。',
    next: '请修改文件；示例见 docs/latency.md。',
  },
  'latency/not-stereo': {
    what: '时延在两个声道之间测量，而该录音有 {{channels}} 个声道。',
    next: '请录制立体声：一个声道为用户，另一个声道为产品。',
  },
  'saving/failed': {
    what: '无法写入日志文件 {{path}}（{{reason}}）。',
    next: '请为保存的日志另选文件夹，或腾出空间；每隔几秒会自动重试。',
  },
  'settings/invalid': { what: '设置项 {{key}} 的值被拒绝。', next: '请输入所示范围内的值。' },
};
