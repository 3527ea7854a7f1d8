import type { CheckWords } from './words.ts';

const noPackets = {
  en: 'No audio came up. See in the log whether recording starts once the board is connected, and whether TWeTalk_WS_SendAudio is called and returns 0.',
  zh: '没有收到上行音频。请在日志中确认连接后录音是否启动，以及 TWeTalk_WS_SendAudio 是否被调用并返回 0。',
};

/** Words of the uplink group's checks. */
export const uplinkWords: Readonly<Record<string, CheckWords>> = {
  'uplink.frames': {
    title: { en: 'Uplink packets', zh: '上行音频包' },
    what: {
      en: 'Reads the board’s real packets: frame length, mode, rate, silence suppression, and whether every one can be decoded.',
      zh: '解析板子真实的上行包：帧长、编码模式、码率、静音抑制，以及是否每包都能解码。',
    },
    values: {
      codec: { en: 'Codec', zh: '编码' },
      announcedFrameMs: { en: 'Frame length announced', zh: '声明的帧长' },
      isAsAnnounced: { en: 'As announced', zh: '与声明一致' },
      packets: { en: 'Packets', zh: '包数' },
      frameMs: { en: 'Frame length', zh: '帧长' },
      otherLengths: { en: 'Packets of another length', zh: '帧长不同的包' },
      invalidPackets: { en: 'Packets that are no Opus', zh: '非法 Opus 包' },
      decodeErrors: { en: 'Decoding errors', zh: '解码错误' },
      channels: { en: 'Channels', zh: '声道数' },
      mode: { en: 'Mode', zh: '编码模式' },
      bandwidth: { en: 'Bandwidth', zh: '带宽' },
      bitrateKbitS: { en: 'Bit rate', zh: '码率' },
      isCbr: { en: 'Constant size (CBR)', zh: '固定码率（CBR）' },
      packetBytes: { en: 'Packet size', zh: '包大小' },
      leastBytes: { en: 'Smallest packet', zh: '最小包' },
      mostBytes: { en: 'Largest packet', zh: '最大包' },
      dtxPercent: { en: 'Silence packets (DTX)', zh: '静音包（DTX）占比' },
      shape: { en: 'Layout of the file', zh: '文件格式' },
      durationS: { en: 'Duration', zh: '时长' },
      leftBytes: { en: 'Bytes that belong to no packet', zh: '不属于任何包的字节' },
    },
    nexts: {
      'not-as-announced': {
        en: 'The board sends frames of {frameMs} ms and announced {announcedFrameMs} ms. Make the encoder’s frame length and audioInterval (frame_interval) the same number.',
        zh: '板子实际帧长 {frameMs} ms，声明为 {announcedFrameMs} ms。请将编码器帧长与 audioInterval（frame_interval）设为同一数值。',
      },
      'frame-length': {
        en: 'Encode one frame of 20, 40 or 60 ms a packet: feed the encoder exactly sampleRate × frame length samples, and send each packet by itself.',
        zh: '每包编码一帧 20、40 或 60 ms：每次送入编码器的采样数必须恰为 采样率 × 帧长，且每包单独发送。',
      },
      'broken-packets': {
        en: 'Packets are damaged between encoder and socket. Send exactly the length the encoder returned, do not share its output buffer between tasks, and check the encoder task’s stack.',
        zh: '包在编码器与套接字之间损坏。请按编码器返回的长度发送，不要在任务间共用输出缓冲，并检查编码任务的栈。',
      },
      channels: {
        en: 'Encode one channel. An array’s second microphone and the echo reference belong to the front end, not to the uplink.',
        zh: '请按单声道编码。第二路麦克风和回采参考应留在前处理，不应进入上行。',
      },
      bandwidth: {
        en: 'The encoder is given less than 16 kHz. Set its rate to 16000, let the codec’s I2S run at it, and leave OPUS_SET_BANDWIDTH and OPUS_SET_MAX_BANDWIDTH at auto or wideband.',
        zh: '编码器输入低于 16 kHz。请将编码采样率设为 16000，I2S 与之一致，OPUS_SET_BANDWIDTH / OPUS_SET_MAX_BANDWIDTH 保持自动或宽带。',
      },
      bitrate: {
        en: 'Set the encoder to 24000 bit/s (OPUS_SET_BITRATE): less than 16 costs words, more than 64 does not fit a network of 100 kbit/s.',
        zh: '请将编码码率设为 24000 bit/s（OPUS_SET_BITRATE）：低于 16 kbit/s 影响识别，高于 64 kbit/s 超出 100 kbit/s 网络的承载。',
      },
      'variable-rate': {
        en: 'Packets have {leastBytes} to {mostBytes} bytes. Turn variable bit rate off (OPUS_SET_VBR 0): the SDK’s buffers are made for packets of one size (180 bytes of 60 ms).',
        zh: '包大小在 {leastBytes} 到 {mostBytes} 字节之间。请关闭可变码率（OPUS_SET_VBR 0）：SDK 缓冲按固定包长设计（60 ms 为 180 字节）。',
      },
      dtx: {
        en: 'Turn discontinuous transmission off (OPUS_SET_DTX 0): the cloud needs the silence to tell the end of an utterance.',
        zh: '请关闭 DTX（OPUS_SET_DTX 0）：云端需要静音帧来判断一句话结束。',
      },
      'no-packets': noPackets,
    },
  },
  'uplink.level': {
    title: { en: 'Uplink level', zh: '上行电平' },
    what: {
      en: 'How loud a voice comes up (active speech level, ITU-T P.56), whether it is clipped, and whether the signal lies off centre.',
      zh: '测量语音上行的有效电平（ITU-T P.56）、是否削波、是否有直流偏置。',
    },
    values: {
      activeDbFs: { en: 'Active speech level', zh: '有效语音电平' },
      clippedPercent: { en: 'Samples at full scale', zh: '满幅采样占比' },
      dcOffsetPercent: { en: 'DC offset, of full scale (raw samples only)', zh: '直流偏置（相对满幅，仅 PCM 可测）' },
      peakDbFs: { en: 'Peak', zh: '峰值' },
      noiseFloorDbFs: { en: 'Noise floor', zh: '底噪' },
      activityPercent: { en: 'Speech activity', zh: '语音活动占比' },
    },
    nexts: {
      gain: {
        en: 'Speech comes up at {activeDbFs} dBFS; −26 is right. Set the microphone gain of the codec (ES7210, ES8311: PGA; PDM: its gain factor), then check the port of the microphone for dust, tape or a gasket in its way.',
        zh: '语音电平为 {activeDbFs} dBFS，目标约 −26。请调整编解码器的麦克风增益（ES7210、ES8311 为 PGA，PDM 为增益系数），并检查拾音孔是否有异物、膜或密封垫遮挡。',
      },
      clipping: {
        en: '{clippedPercent} % of the samples stand at full scale. Take gain off before the converter (PGA), not after it, and turn an AGC’s target down; shifting 24-bit samples by too little does the same.',
        zh: '{clippedPercent}% 的采样达到满幅。请在 ADC 之前（PGA）而不是之后降低增益，降低 AGC 目标；24 位采样移位不足也会如此。',
      },
      offset: {
        en: 'The signal lies {dcOffsetPercent} % off centre. Turn the codec’s high-pass on (ES8311, ES7210: ADC HPF), check the bias and coupling capacitor of an analogue microphone, and the bit alignment of I2S.',
        zh: '信号偏离中心 {dcOffsetPercent}%。请打开编解码器高通（ES8311、ES7210：ADC HPF），检查模拟麦克风偏置与隔直电容，以及 I2S 位对齐。',
      },
      silent: {
        en: 'Packets come and hold no voice. Check the microphone’s power and clock (MCLK, BCLK, WS on a scope), data line and its left or right slot, a mute switch, and whether the front end passes its output on.',
        zh: '有包但没有声音。请检查麦克风供电与时钟（示波器看 MCLK、BCLK、WS）、数据线及左右声道槽位、静音开关，以及前处理是否输出数据。',
      },
      'no-packets': noPackets,
    },
  },
  'uplink.noise': {
    title: { en: 'Uplink noise', zh: '上行噪声' },
    what: {
      en: 'Listens while nobody speaks: the noise beside the speech’s level, and the hum of the mains.',
      zh: '在无人说话时测量：噪声相对语音电平的大小，以及工频干扰。',
    },
    values: {
      noiseDbFs: { en: 'Noise', zh: '噪声' },
      loudestDbFs: { en: 'Loudest 50 ms', zh: '最响 50 ms' },
      speechToNoiseDb: { en: 'Speech over noise', zh: '语音与噪声之比' },
      humHz: { en: 'Hum at', zh: '工频' },
      humDb: { en: 'Hum over what is beside it', zh: '工频突出度' },
    },
    nexts: {
      noise: {
        en: 'Noise lies only {speechToNoiseDb} dB under speech. Listen to the sound: a hiss is gain in the wrong place (more before the converter, less after), a buzz is the supply (LDO and ground of the microphone, Wi-Fi bursts); then turn the front end’s noise suppression on.',
        zh: '噪声仅比语音低 {speechToNoiseDb} dB。请试听：嘶声多为增益分配不当（ADC 前多、后少），嗡嗡声多来自供电（麦克风 LDO 与地、Wi-Fi 突发）；再考虑打开前端降噪。',
      },
      hum: {
        en: 'The mains hum at {humHz} Hz. Supply the board from a battery: if it stops, it is the adapter or a ground loop through USB; if not, shield the microphone’s leads and route them away from coils and the speaker’s amplifier.',
        zh: '存在 {humHz} Hz 工频干扰。改用电池供电：若消失，问题在适配器或 USB 地环路；否则请屏蔽麦克风走线，并远离电感和功放。',
      },
      'no-packets': noPackets,
    },
  },
  'uplink.dropouts': {
    title: { en: 'Uplink dropouts', zh: '上行断续' },
    what: {
      en: 'Watches when packets arrive and compares their sound with what was said: what is missing, what waits and comes in bursts, what was filled with silence.',
      zh: '观察包的到达时间并与所说内容比对：是否缺包、是否积压后成串到达、是否被填入静音。',
    },
    values: {
      packets: { en: 'Packets', zh: '包数' },
      missingPackets: { en: 'Missing packets', zh: '缺失的包' },
      missingPercent: { en: 'Missing', zh: '缺失占比' },
      longestWaitMs: { en: 'Longest wait', zh: '最长间隔' },
      waits: { en: 'Waits of three frames and more', zh: '三帧以上的间隔次数' },
      largestBurst: { en: 'Largest burst, packets', zh: '最大突发包数' },
      jitterMs: { en: 'Jitter (95 of 100)', zh: '抖动（95 分位）' },
      benchLateMs: { en: 'The bench’s own delay', zh: '工作台自身的延误' },
      insertedSilenceMs: { en: 'Silence put in', zh: '被填入的静音' },
    },
    nexts: {
      missing: {
        en: '{missingPackets} packets never came, and TCP loses none: the board dropped them. Raise the priority of the recording task over the network’s, enlarge the ring buffer between them, and log its overflows (ESP-GMF, i2s_channel_read timeouts).',
        zh: '缺失 {missingPackets} 个包；TCP 不会丢包，是板子自己丢弃的。请提高录音任务优先级（高于网络），加大中间环形缓冲，并记录其溢出（ESP-GMF、i2s_channel_read 超时）。',
      },
      bursts: {
        en: 'Up to {longestWaitMs} ms pass without a packet, then several come at once. Set TCP_NODELAY on the socket, send each frame when it is encoded, turn Wi-Fi power save off (esp_wifi_set_ps WIFI_PS_NONE), and see that no flash write or TLS work blocks the sender.',
        zh: '最长 {longestWaitMs} ms 没有包，随后成串到达。请设置 TCP_NODELAY，编码一帧即发送，关闭 Wi-Fi 省电（esp_wifi_set_ps WIFI_PS_NONE），并确认写 Flash 或 TLS 运算没有阻塞发送。',
      },
      'inserted-silence': {
        en: 'Speech is broken by {insertedSilenceMs} ms of silence inside packets: samples were lost before the encoder. Increase dma_desc_num and dma_frame_num of I2S, and read it from a task nothing else blocks.',
        zh: '语音在包内被 {insertedSilenceMs} ms 静音打断：采样在编码前丢失。请增大 I2S 的 dma_desc_num 与 dma_frame_num，并在不被阻塞的任务中读取。',
      },
      'no-packets': noPackets,
    },
  },
  'uplink.clock': {
    title: { en: 'Sample clock', zh: '采样时钟' },
    what: {
      en: 'How far the microphone’s sample clock is off the host’s: what is off grows into gaps and echo that no canceller follows.',
      zh: '测量麦克风采样时钟与主机时钟的偏差：偏差会累积成断续，并使回声消除失效。',
    },
    values: {
      driftPpm: { en: 'Board’s clock against the host’s', zh: '板子时钟相对主机' },
      plusMinusPpm: { en: 'Give or take (95 %)', zh: '误差范围（95%）' },
      spanS: { en: 'Watched for', zh: '观察时长' },
    },
    nexts: {
      'sample-clock': {
        en: 'The sample clock is {driftPpm} ppm off (± {plusMinusPpm}). Derive MCLK from the audio PLL (APLL, I2S_CLK_SRC_APLL) instead of dividing the system clock, check the crystal’s load capacitors, and let microphone and speaker run on the same clock.',
        zh: '采样时钟偏差 {driftPpm} ppm（± {plusMinusPpm}）。请用音频 PLL（APLL，I2S_CLK_SRC_APLL）产生 MCLK 而不是对系统时钟分频，检查晶振负载电容，并让麦克风与扬声器使用同一时钟。',
      },
      'no-packets': noPackets,
    },
  },
  'uplink.spectrum': {
    title: { en: 'Uplink spectrum', zh: '上行频谱' },
    what: {
      en: 'Which frequencies come up, against what was said: a path of 8 kHz anywhere, a covered microphone or a wrong filter show here.',
      zh: '与所说内容比较，测量上行的有效频带：任一环节为 8 kHz、拾音孔被遮挡或滤波不当都会在此显现。',
    },
    values: {
      high10Hz: { en: 'Upper edge, −10 dB', zh: '上边沿（−10 dB）' },
      high20Hz: { en: 'Upper edge, −20 dB', zh: '上边沿（−20 dB）' },
      low10Hz: { en: 'Lower edge, −10 dB', zh: '下边沿（−10 dB）' },
      low20Hz: { en: 'Lower edge, −20 dB', zh: '下边沿（−20 dB）' },
      humDb: { en: 'Hum over what is beside it', zh: '工频突出度' },
    },
    nexts: {
      narrow: {
        en: 'Nothing comes up above {high20Hz} Hz. Look for 8 kHz on the way (I2S rate, AFE output, a resampler to 8000); edges a little under 6 kHz are a covered port or a thick mesh.',
        zh: '{high20Hz} Hz 以上没有信号。请排查链路中的 8 kHz 环节（I2S 采样率、AFE 输出、重采样到 8000）；若边沿略低于 6 kHz，多为拾音孔遮挡或防尘网过厚。',
      },
      thin: {
        en: 'Little comes up below {low20Hz} Hz. Set the codec’s high-pass to 100 Hz or lower and check the coupling capacitor; a leak between case and microphone takes the low end too.',
        zh: '{low20Hz} Hz 以下信号很弱。请将编解码器高通设为 100 Hz 或更低，检查隔直电容；麦克风与外壳间漏音也会损失低频。',
      },
      'no-packets': noPackets,
    },
  },
};
