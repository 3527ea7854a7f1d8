import type { CheckWords } from './words.ts';

/** Words of the network group's checks. */
export const networkWords: Readonly<Record<string, CheckWords>> = {
  'network.attach': {
    title: { en: 'Getting online', zh: '联网' },
    what: {
      en: 'From its start, how long the board takes to have an address, its cloud (MQTT) and its voice connection.',
      zh: '测量从启动到获得 IP、连上云端（MQTT）和建立语音连接的用时。',
    },
    values: {
      ipMs: { en: 'From start to an address', zh: '启动到获得 IP' },
      mqttMs: { en: 'From start to MQTT', zh: '启动到 MQTT 连接' },
      voiceMs: { en: 'From start to the voice connection', zh: '启动到语音连接' },
      readyMs: { en: 'From start to ready', zh: '启动到就绪' },
      isWoken: { en: 'Voice connection only when woken', zh: '语音连接需唤醒' },
      ip: { en: 'Address', zh: 'IP 地址' },
      networkAttempts: { en: 'Attempts to join the network', zh: '联网尝试次数' },
      cloudAttempts: { en: 'Attempts to reach the cloud', zh: '连接云端尝试次数' },
      attempts: { en: 'Attempts in all', zh: '总尝试次数' },
    },
    nexts: {
      'no-network': {
        en: 'No address came. Check the Wi-Fi name and password (2.4 GHz only on most ESP32), the antenna, and the access point’s DHCP; on LTE run identity.sim.',
        zh: '未获得 IP 地址。请检查 Wi-Fi 名称和密码（多数 ESP32 仅支持 2.4 GHz）、天线、路由器 DHCP；LTE 板请运行“模组与 SIM 卡”检查。',
      },
      'no-mqtt': {
        en: 'On the network, and no MQTT connection: check that the broker’s name or address leads to this bench (Cloud › Getting boards here), port 1883 or 8883 in the firewall, and identity.device for what was refused.',
        zh: '已联网但无 MQTT 连接：请确认 Broker 域名或地址指向本工作台（“云 › 接入开发板”）、防火墙放行 1883/8883 端口，并查看“设备身份”中的拒绝原因。',
      },
      'no-voice': {
        en: 'MQTT stands, and no voice connection: look for query_websocket_url in the log, for what the bench answered, and whether the board reaches that host and port; some firmware connects only when woken.',
        zh: 'MQTT 已连接但无语音连接：请在日志中查找 query_websocket_url 及工作台应答，确认板子能访问该主机和端口；部分固件仅在唤醒后才连接。',
      },
      'slow-network': {
        en: 'Getting online takes long. Store the access point’s channel and BSSID for a fast scan (WIFI_FAST_SCAN), keep the DHCP lease (LWIP_DHCP_RESTORE_LAST_IP), and look at the antenna where association is repeated.',
        zh: '联网过慢。可保存 AP 的信道和 BSSID 以快速扫描（WIFI_FAST_SCAN）、复用 DHCP 租约（LWIP_DHCP_RESTORE_LAST_IP）；若多次重试关联，请检查天线。',
      },
      'slow-mqtt': {
        en: 'The time goes into reaching the broker: look at DNS and TLS times in the log, enable TLS session tickets or hardware crypto (MBEDTLS_HARDWARE_*), and shorten the first retry’s pause.',
        zh: '耗时主要在连接 Broker：请查看日志中 DNS 和 TLS 用时，启用 TLS 会话复用或硬件加密（MBEDTLS_HARDWARE_*），并缩短首次重试间隔。',
      },
      'slow-voice': {
        en: 'The voice connection takes long after MQTT: do not wait for subscriptions and reports before asking for its address.',
        zh: 'MQTT 之后建立语音连接过慢：请勿等待所有订阅和上报完成后才请求语音地址。',
      },
      'refused-network': {
        en: 'It joined the network only at the {networkAttempts}th attempt (evidence). NO_AP_FOUND and BEACON_TIMEOUT point to the antenna, its matching and the supply while the radio sends; AUTH_FAIL and 4WAY_HANDSHAKE_TIMEOUT to the password or WPA3; on LTE see identity.sim.',
        zh: '第 {networkAttempts} 次才联网成功（见证据）。NO_AP_FOUND、BEACON_TIMEOUT 请检查天线、匹配和射频发射时的供电；AUTH_FAIL、4WAY_HANDSHAKE_TIMEOUT 请核对密码或 WPA3；LTE 请看“模组与 SIM 卡”。',
      },
      refused: {
        en: 'It reached the cloud only after failures: the evidence lists them. Authentication failures point to the password or the secret, timeouts to signal or routing.',
        zh: '多次失败后才连上云端（见证据）。认证失败请核对密码或密钥，超时请检查信号或路由。',
      },
    },
  },
  'network.dns': {
    title: { en: 'Name resolution', zh: '域名解析' },
    what: { en: 'Whether the board finds its cloud by name.', zh: '检查板子能否通过域名找到云端。' },
    values: {
      isResolved: { en: 'Name led to a connection', zh: '域名解析后连接成功' },
      failures: { en: 'Failures', zh: '失败次数' },
      host: { en: 'Name', zh: '域名' },
      resolveMs: { en: 'From asking to connected', zh: '解析到连接用时' },
    },
    nexts: {
      'no-dns': {
        en: 'The name was not resolved: check which DNS server DHCP gives the board, that it answers for this name (Cloud › Getting boards here shows what boards ask), and a fixed server in the firmware (8.8.8.8 is not reachable in every lab).',
        zh: '域名未解析：请检查 DHCP 下发的 DNS 服务器、该服务器能否解析此域名（“云 › 接入开发板”可查看板子的查询），以及固件中写死的 DNS（部分实验室无法访问 8.8.8.8）。',
      },
    },
  },
  'network.clock': {
    title: { en: 'Wall clock', zh: '系统时间' },
    what: {
      en: 'Compares the board’s time with the bench’s: certificates, signatures and alarms depend on it. A whole zone’s difference is allowed.',
      zh: '比较板子与工作台的时间：证书、签名和闹钟依赖正确时间。允许整时区差异。',
    },
    values: {
      offsetS: { en: 'Board’s clock ahead by', zh: '板子时间超前' },
      isSet: { en: 'Clock was set', zh: '时间已校准' },
      zoneHours: { en: 'Zone of its stamps, hours', zh: '日志时区（小时）' },
      source: { en: 'Told by', zh: '依据' },
    },
    nexts: {
      'wrong-clock': {
        en: 'The clock is off. Synchronise by SNTP before TLS and again each hour, and check the RTC crystal (32.768 kHz) where it runs on through sleep.',
        zh: '时间偏差过大。请在 TLS 之前通过 SNTP 校时并每小时同步；若休眠后偏差大，检查 32.768 kHz 晶振。',
      },
      'no-time': {
        en: 'The clock was never set: start SNTP once the network is up (esp_netif_sntp, AT+CTZU=1 on LTE), check that the server’s name resolves and UDP 123 is let through.',
        zh: '时间从未设置：联网后启动 SNTP（esp_netif_sntp；LTE 可用 AT+CTZU=1），确认服务器域名可解析且放行 UDP 123。',
      },
    },
  },
  'network.tcp': {
    title: { en: 'Two TCP connections', zh: '两路 TCP 连接' },
    what: {
      en: 'The voice connection is used both ways, closed, opened again and used again, with MQTT used both ways beside it: connect, read, write and disconnect on two connections.',
      zh: '语音连接双向收发、关闭、重新打开并再次收发，同时使用 MQTT 双向收发：验证两路 TCP 的连接、读、写、断开。',
    },
    values: {
      hasVoiceWritten: { en: 'Voice: written', zh: '语音连接：可写' },
      hasVoiceRead: { en: 'Voice: read', zh: '语音连接：可读' },
      hasVoiceClosed: { en: 'Voice: disconnected', zh: '语音连接：可断开' },
      hasVoiceReopened: { en: 'Voice: closed and opened again', zh: '语音连接：关闭后重新打开' },
      hasMqttWritten: { en: 'MQTT: written', zh: 'MQTT：可写' },
      hasMqttRead: { en: 'MQTT: read', zh: 'MQTT：可读' },
      connections: { en: 'Connections', zh: '连接数' },
      connectMs: { en: 'From closed to open again', zh: '关闭到重新打开用时' },
    },
    nexts: {
      'no-uplink': {
        en: 'The voice connection stands and nothing comes: start the recorder when it opens, and look for send errors (-918: buffer full) and the recorder’s own.',
        zh: '语音连接已建立但无数据上行：请在连接建立时启动录音，并查看发送错误（-918：缓冲满）和录音错误。',
      },
      'no-pong': {
        en: 'The board does not answer what it is sent: its receiving task does not run, or is blocked by playback. Read the socket in a task of its own and answer WebSocket pings there.',
        zh: '板子对下行无响应：接收任务未运行或被播放阻塞。请用独立任务读取套接字，并在其中应答 WebSocket Ping。',
      },
      'no-close': {
        en: 'The board kept the closed connection: answer a WebSocket close frame, then close the socket, and do not wait for the player to finish first.',
        zh: '连接关闭后板子未断开：收到 WebSocket 关闭帧后应答并关闭套接字，不要等待播放结束。',
      },
      'no-reopen': {
        en: 'Once closed, the voice connection did not come back: free the old socket and TLS context first, ask for a new address and token, and wake the board where its firmware waits for that.',
        zh: '语音连接关闭后未能重新打开：请先释放旧套接字和 TLS 上下文，重新请求地址和令牌；若固件需唤醒，请唤醒板子。',
      },
      'no-mqtt': {
        en: 'MQTT does not carry messages both ways: check that its subscriptions are made again after each connect, and its receive buffer (8 KB).',
        zh: 'MQTT 双向收发异常：请确认每次连接后重新订阅，并检查接收缓冲（8 KB）。',
      },
    },
  },
  'network.throughput': {
    title: { en: 'Throughput', zh: '吞吐率' },
    what: {
      en: 'At least 100 kbit/s both ways, kept up: by the board’s own PCM where it sends that, else by what it has to echo.',
      zh: '上下行均应稳定在 100 kbit/s 以上：优先用板子自身的 PCM 音频，否则用其必须回应的数据测量。',
    },
    values: {
      upKbitS: { en: 'Up', zh: '上行' },
      downKbitS: { en: 'Down', zh: '下行' },
      slowestKbitS: { en: 'Slowest 3 s, either way', zh: '最慢 3 秒（上下行）' },
      sustainedS: { en: 'Kept up for', zh: '持续时间' },
      method: { en: 'By', zh: '测量方式' },
    },
    nexts: {
      slow: {
        en: 'Too slow, or not kept up (see the curve). Turn Wi-Fi power saving off while talking (esp_wifi_set_ps(WIFI_PS_NONE)), enlarge TCP windows (LWIP_TCP_SND_BUF_DEFAULT, LWIP_TCP_WND_DEFAULT), check the antenna and the channel’s load; on LTE the signal (identity.sim).',
        zh: '速率不足或不能持续（见曲线）。请在对话时关闭 Wi-Fi 省电（esp_wifi_set_ps(WIFI_PS_NONE)），加大 TCP 窗口（LWIP_TCP_SND_BUF_DEFAULT、LWIP_TCP_WND_DEFAULT），检查天线和信道占用；LTE 请看信号（“模组与 SIM 卡”）。',
      },
    },
  },
  'network.quality': {
    title: { en: 'Round trip, jitter, loss', zh: '时延、抖动、丢包' },
    what: {
      en: 'Pings the board over its voice connection and looks at how evenly its sound arrives.',
      zh: '通过语音连接 Ping 板子，并统计上行音频到达的均匀程度。',
    },
    values: {
      roundTripMs: { en: 'Round trip, median', zh: '往返时延（中位数）' },
      roundTrip95Ms: { en: 'Round trip, 95 % below', zh: '往返时延（95% 以内）' },
      drops: { en: 'Connection lost', zh: '连接中断次数' },
      lostPercent: { en: 'Not answered in time', zh: '超时未应答' },
      jitterMs: { en: 'Jitter of the sound, 95 % below', zh: '上行抖动（95% 以内）' },
      longestGapMs: { en: 'Longest silence between packets', zh: '最长包间隔' },
      pings: { en: 'Pings', zh: 'Ping 次数' },
      method: { en: 'By', zh: '测量方式' },
    },
    nexts: {
      drops: {
        en: 'The voice connection ended by itself. The log’s lines at that moment say who closed it: an error of the socket points to the network, RECV_DISCONNECT or a crash to the firmware; answer WebSocket pings within 20 s.',
        zh: '语音连接自行中断。请查看该时刻日志判断关闭方：套接字错误多为网络问题，RECV_DISCONNECT 或崩溃属固件问题；WebSocket Ping 须在 20 s 内应答。',
      },
      far: {
        en: 'Answers take long. Turn Wi-Fi power saving off, look for a task that blocks the receiving one, and compare with another board at the same place to tell the network from the board.',
        zh: '应答过慢。请关闭 Wi-Fi 省电，检查是否有任务阻塞接收任务，并在同一位置与其他板子对比以区分网络与板子问题。',
      },
      loss: {
        en: 'Answers are missing. Check signal and antenna, the supply while the radio sends, and the log for reconnections and full buffers at those times.',
        zh: '有应答丢失。请检查信号和天线、射频发射时的供电，并查看相应时刻日志中的重连和缓冲满。',
      },
      jitter: {
        en: 'Sound arrives unevenly: send each frame when it is recorded, give the sending task a higher priority than playback and logging, and set TCP_NODELAY.',
        zh: '上行音频到达不均匀：请录一帧发一帧，发送任务优先级应高于播放和日志，并设置 TCP_NODELAY。',
      },
    },
  },
  'network.reconnect': {
    title: { en: 'Reconnecting', zh: '断线重连' },
    what: {
      en: 'The bench cuts all connections for a moment, as a network does that goes away, and measures how long the board takes to be back.',
      zh: '工作台短暂切断所有连接（模拟断网），测量板子恢复所需时间。',
    },
    values: {
      mqttBackMs: { en: 'Until MQTT is back', zh: 'MQTT 恢复用时' },
      voiceOpenMs: { en: 'To open the voice connection', zh: '语音连接打开用时' },
      tries: { en: 'Attempts to open it', zh: '打开尝试次数' },
      isBack: { en: 'Came back', zh: '已恢复' },
      backMs: { en: 'Until all is back', zh: '全部恢复用时' },
      isByItself: { en: 'Voice back without being woken', zh: '语音无需唤醒即恢复' },
      restarts: { en: 'Restarts meanwhile', zh: '期间重启次数' },
    },
    nexts: {
      'never-back': {
        en: 'The board did not come back. Look for its retries in the log; the SDK gives up after pauses of 60 s: restart the client then, and close sockets before opening new ones.',
        zh: '板子未恢复连接。请查看日志中的重试；SDK 间隔达 60 s 后会放弃，应用需重启客户端，并先关闭旧套接字。',
      },
      'slow-mqtt': {
        en: 'It comes back late: notice a dead connection sooner (MQTT keep-alive of 30–60 s instead of 240 s, TCP keep-alive), and begin with retries of 1–2 s.',
        zh: '恢复过慢：请更早发现断线（MQTT 保活 30–60 s 而非 240 s、启用 TCP 保活），首次重试间隔取 1–2 s。',
      },
      'slow-voice': {
        en: 'Opening the voice connection takes long: ask for its address as soon as MQTT is back, and do not wait for a time-out of the old socket.',
        zh: '语音连接打开过慢：MQTT 恢复后应立即请求地址，不要等待旧套接字超时。',
      },
      restarted: {
        en: 'The board restarted when it lost its network: a crash or a restart in the error path. See power.loop for its reason, and decode the backtrace.',
        zh: '板子断网时发生重启：错误处理路径中存在崩溃或主动重启。请查看复位原因并解析回溯。',
      },
    },
  },
};
