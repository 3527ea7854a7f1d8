import type { CheckWords } from './words.ts';

/** Words of the memory group's checks. */
export const memoryWords: Readonly<Record<string, CheckWords>> = {
  'memory.heap': {
    title: { en: 'Memory', zh: '内存' },
    what: {
      en: 'Whether the SDK has the RAM it needs (100 KB, of which 80 KB heap and 20 KB stack) and something is left while it runs.',
      zh: '检查是否满足 SDK 的内存需求（共 100 KB RAM，其中堆 80 KB、任务栈 20 KB），以及运行时是否有余量。',
    },
    values: {
      ramForSdkBytes: { en: 'RAM for the SDK', zh: '可供 SDK 使用的 RAM' },
      heapForSdkBytes: { en: 'Heap for the SDK', zh: '可供 SDK 使用的堆' },
      lowestFreeBytes: { en: 'Lowest free heap while it runs', zh: '运行时最低剩余堆' },
      stackBytes: { en: 'Largest SDK task stack', zh: 'SDK 最大任务栈' },
      stackOverflows: { en: 'Stack overflows', zh: '栈溢出次数' },
      failedAllocations: { en: 'Failed allocations', zh: '分配失败次数' },
      freeBytes: { en: 'Free heap now', zh: '当前剩余堆' },
      ramAtStartBytes: { en: 'RAM at start', zh: '启动时可用 RAM' },
    },
    nexts: {
      'more-ram': {
        en: 'Too little memory for the SDK. Turn PSRAM on and let malloc use it (SPIRAM, SPIRAM_USE_MALLOC; the mode quad or octal must be the chip’s), move Wi-Fi and TLS buffers there (SPIRAM_TRY_ALLOCATE_WIFI_LWIP, MBEDTLS_EXTERNAL_MEM_ALLOC), and free what the application does not need.',
        zh: 'SDK 可用内存不足。请启用 PSRAM 并允许 malloc 使用（SPIRAM、SPIRAM_USE_MALLOC；四线/八线模式须与芯片一致），将 Wi-Fi 和 TLS 缓冲放入 PSRAM（SPIRAM_TRY_ALLOCATE_WIFI_LWIP、MBEDTLS_EXTERNAL_MEM_ALLOC），并释放应用不需要的内存。',
      },
      'low-reserve': {
        en: 'Memory runs out while it talks: a reconnect or an OTA will fail. Lower the audio ring buffers, Wi-Fi static buffers (ESP_WIFI_STATIC_RX_BUFFER_NUM) and the log’s, or move them to PSRAM.',
        zh: '对话时内存接近耗尽，重连或 OTA 将失败。请减小音频环形缓冲、Wi-Fi 静态缓冲（ESP_WIFI_STATIC_RX_BUFFER_NUM）和日志缓冲，或移入 PSRAM。',
      },
      'more-stack': {
        en: 'A task’s stack is too small: give the SDK’s tasks 20 KB, watch uxTaskGetStackHighWaterMark, and keep large buffers off the stack.',
        zh: '任务栈过小：请为 SDK 任务分配 20 KB，用 uxTaskGetStackHighWaterMark 监测，并避免在栈上放大缓冲。',
      },
    },
  },
  'memory.leak': {
    title: { en: 'Memory over a conversation', zh: '对话中的内存趋势' },
    what: {
      en: 'Talks for a while and draws a line through the free heap: it fails only when the fall is certain (95 %) and faster than the limit.',
      zh: '持续对话一段时间，对剩余堆做趋势拟合：仅当下降确定（95% 置信）且快于限值时判不通过。',
    },
    values: {
      leakBytesPerMin: { en: 'Leak, where certain', zh: '泄漏速度（确定时）' },
      slopeBytesPerMin: { en: 'Trend of the free heap', zh: '剩余堆趋势' },
      slopeLowBytesPerMin: { en: 'Trend, at least (95 %)', zh: '趋势下限（95%）' },
      slopeHighBytesPerMin: { en: 'Trend, at most (95 %)', zh: '趋势上限（95%）' },
      samples: { en: 'Samples', zh: '采样数' },
      minutesLeft: { en: 'Minutes until nothing is left', zh: '预计耗尽时间（分钟）' },
    },
    nexts: {
      leak: {
        en: 'Free memory falls with each turn. Trace allocations over some turns (menuconfig HEAP_TRACING, heap_trace_start with HEAP_TRACE_LEAKS), and look first at what is made per turn: JSON documents, caption texts, decoder and player objects.',
        zh: '剩余内存随对话下降。请跟踪若干轮的分配（menuconfig HEAP_TRACING，heap_trace_start 用 HEAP_TRACE_LEAKS），先检查每轮创建的对象：JSON、字幕文本、解码器和播放器。',
      },
    },
  },
  'memory.flash': {
    title: { en: 'Flash', zh: 'Flash 空间' },
    what: {
      en: 'Whether the application’s partition has room for the SDK (200 KB); an image that has it in it has its share already.',
      zh: '检查应用分区是否有 SDK 所需空间（200 KB）；镜像中已含 SDK 的计入其占用。',
    },
    values: {
      roomForSdkBytes: { en: 'Room for the SDK', zh: '可供 SDK 的空间' },
      freeBytes: { en: 'Free in the partition', zh: '分区剩余' },
      imageBytes: { en: 'Application', zh: '应用大小' },
      partitionBytes: { en: 'Partition', zh: '分区大小' },
      partition: { en: 'Partition’s name', zh: '分区名' },
      hasSdk: { en: 'SDK is in the application', zh: '应用已含 SDK' },
    },
    nexts: {
      'bigger-partition': {
        en: 'Enlarge the application’s partition in partitions.csv (both OTA slots alike), or make the image smaller: COMPILER_OPTIMIZATION_SIZE, a lower LOG_MAXIMUM_LEVEL, prompts in a data partition.',
        zh: '请在 partitions.csv 中加大应用分区（两个 OTA 分区相同），或减小镜像：COMPILER_OPTIMIZATION_SIZE、降低 LOG_MAXIMUM_LEVEL、把提示音放到数据分区。',
      },
    },
  },
};
