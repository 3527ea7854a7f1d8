import type { CheckWords } from './words.ts';

/** Words of the downlink group's checks. */
export const downlinkWords: Readonly<Record<string, CheckWords>> = {
  'downlink.playback': {
    title: { en: 'Playback', zh: '播放' },
    what: {
      en: 'Plays a known sound to the board and compares what is heard of it: complete, without gaps or crackle, in time and loud enough.',
      zh: '向板子播放已知声音并与听到的内容比对：是否完整、有无断续和杂音、是否及时、音量是否足够。',
    },
    values: {
      heardBy: { en: 'Heard by', zh: '收听方式' },
      isHeard: { en: 'Heard', zh: '听到' },
      delayMs: { en: 'Delay to the speaker', zh: '到扬声器的时延' },
      heardPercent: { en: 'Heard of it', zh: '听到的比例' },
      gapMs: { en: 'Gaps, together', zh: '停顿合计' },
      longestGapMs: { en: 'Longest gap', zh: '最长停顿' },
      breakMs: { en: 'Dropouts within sound, together', zh: '声音中的断点合计' },
      similarity: { en: 'Similarity (0–1)', zh: '相似度（0–1）' },
      heardDbFs: { en: 'Level heard', zh: '听到的电平' },
      levelDifferenceDb: { en: 'Against what was sent', zh: '相对发送电平' },
      clockOffPpm: { en: 'Player’s clock off by at least', zh: '播放时钟偏差（至少）' },
      driftPpm: { en: 'Player’s clock', zh: '播放时钟' },
      benchLateMs: { en: 'The bench’s own delay', zh: '工作台自身的延误' },
    },
    nexts: {
      'not-heard': {
        en: 'Nothing was heard. Check the amplifier’s enable pin and supply, the speaker’s leads, the volume the board was told, and in the log whether packets are decoded.',
        zh: '没有听到声音。请检查功放使能脚与供电、扬声器连线、板子当前音量，并在日志中确认是否解码成功。',
      },
      late: {
        en: 'Sound leaves the speaker {delayMs} ms after it was sent. Start playing with one or two frames in the buffer, shorten the I2S DMA queue and the mixer’s, and keep the amplifier on between replies.',
        zh: '声音在发送 {delayMs} ms 后才播出。请在缓冲一两帧后即开始播放，缩短 I2S DMA 与混音队列，并在两次播报之间保持功放开启。',
      },
      incomplete: {
        en: 'Only {heardPercent} % of it was heard. Beginning missing: the amplifier wakes too late; end missing: playing stops with the announcement instead of with the buffer.',
        zh: '只听到 {heardPercent}%。开头缺失多为功放唤醒过慢；结尾缺失多为收到结束通知即停止而未播完缓冲。',
      },
      gaps: {
        en: 'Playback stood still for {gapMs} ms altogether. Raise the decoder and player tasks over the network’s, prefill 120 ms, and see downlink.buffer and the link for why frames are late.',
        zh: '播放共停顿 {gapMs} ms。请提高解码与播放任务优先级，预缓冲 120 ms，并结合 downlink.buffer 与网络检查排查帧迟到原因。',
      },
      crackle: {
        en: 'Sound breaks off for {breakMs} ms in short pieces: the DMA runs dry between frames. Use more DMA descriptors, write whole frames, and do not log or write flash in the player’s task.',
        zh: '声音中有共 {breakMs} ms 的短断点：DMA 在帧间取空。请增加 DMA 描述符、整帧写入，并避免在播放任务中打印日志或写 Flash。',
      },
      distorted: {
        en: 'What is heard is not what was sent (similarity {similarity}). Check rate and channel count of the output (16 kHz mono), the byte order, and turn the volume down: a small speaker overdriven rattles.',
        zh: '听到的与发送的不符（相似度 {similarity}）。请检查输出采样率与声道（16 kHz 单声道）、字节序，并降低音量：小喇叭过载会失真。',
      },
      quiet: {
        en: 'The speaker is heard at {heardDbFs} dBFS only. Check the volume the board was told, the amplifier’s gain, a speaker connected to one side only, and where the listening microphone stands.',
        zh: '听到的电平仅 {heardDbFs} dBFS。请检查板子音量、功放增益、扬声器是否只接一端，以及收听麦克风的位置。',
      },
      'sample-clock': {
        en: 'The player’s clock is off by {driftPpm} ppm: long replies run the buffer dry or over. Derive MCLK from the audio PLL, and use one clock for microphone and speaker.',
        zh: '播放时钟偏差 {driftPpm} ppm：长播报会使缓冲取空或溢出。请用音频 PLL 产生 MCLK，并让麦克风与扬声器共用时钟。',
      },
    },
  },
  'downlink.buffer': {
    title: { en: 'Playback buffer', zh: '播放缓冲' },
    what: {
      en: 'Sends a long reply at the pace of its sound and reads in the log whether the board’s player runs dry or over.',
      zh: '按实时速率下发一段长播报，从日志判断板子的播放缓冲是否取空或溢出。',
    },
    values: {
      underruns: { en: 'Ran dry', zh: '取空次数' },
      overflows: { en: 'Ran over', zh: '溢出次数' },
      decodeFailures: { en: 'Decoding failures', zh: '解码失败次数' },
      benchUnderruns: { en: 'Late at the bench', zh: '工作台自身延迟次数' },
    },
    nexts: {
      underrun: {
        en: 'The player ran dry {underruns} times. Prefill two frames (120 ms) before it starts, raise the receiving task, turn Wi-Fi power save off, and run link.delay to see how much jitter it bears.',
        zh: '播放缓冲取空 {underruns} 次。请预缓冲两帧（120 ms），提高接收任务优先级，关闭 Wi-Fi 省电，并用 link.delay 查看可承受的抖动。',
      },
      overflow: {
        en: 'The buffer ran over {overflows} times. Give it the SDK’s 90 frames, and see whether the player takes frames at their length: one that plays 60 ms every 64 fills it.',
        zh: '缓冲溢出 {overflows} 次。请按 SDK 设为 90 帧，并确认播放器按帧长取数：60 ms 的帧每 64 ms 才取一次会把缓冲填满。',
      },
      decode: {
        en: 'The decoder refused {decodeFailures} packets. Set it to 16 kHz mono and 60 ms frames, give its task 20 KB of stack, and hand it each packet whole.',
        zh: '解码器拒绝了 {decodeFailures} 个包。请设为 16 kHz 单声道、60 ms 帧，解码任务栈 20 KB，并逐包完整送入。',
      },
    },
  },
};
