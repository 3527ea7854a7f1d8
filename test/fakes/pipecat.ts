/** What Pipecat's client finds in a browser and not here: a window, and the page's microphone and speaker. The client itself is as it was published. */
export async function loadPipecat() {
  const browser = globalThis as { window?: unknown };
  browser.window ??= globalThis;
  const [{ PipecatClient, RTVIEvent, logger, LogLevel }, { WebSocketTransport, ProtobufFrameSerializer }] = await Promise.all([
    import('@pipecat-ai/client-js'),
    import('@pipecat-ai/websocket-transport'),
  ]);
  logger.setLevel(LogLevel.NONE);
  return { PipecatClient, RTVIEvent, WebSocketTransport, ProtobufFrameSerializer };
}

/** The transport's media manager: takes what the bot says, and lets a test speak into the microphone. */
export class PageSound {
  readonly heard: Int16Array[] = [];
  #onUserAudio: (data: ArrayBuffer) => void = () => {};
  #onHeard: () => void = () => {};
  isMicEnabled = true;
  isCamEnabled = false;
  selectedMic = {};
  selectedSpeaker = {};

  say(pcm: Int16Array): void {
    this.#onUserAudio(pcm.slice().buffer);
  }

  async until(enough: (heard: readonly Int16Array[]) => boolean): Promise<void> {
    while (!enough(this.heard)) await new Promise<void>((resolve) => (this.#onHeard = resolve));
  }

  bufferBotAudio(pcm: Int16Array): void {
    this.heard.push(pcm);
    this.#onHeard();
  }
  setUserAudioCallback(callback: (data: ArrayBuffer) => void): void {
    this.#onUserAudio = callback;
  }
  setClientOptions(): void {}
  async initialize(): Promise<void> {}
  async connect(): Promise<void> {}
  async disconnect(): Promise<void> {}
  async userStartedSpeaking(): Promise<void> {}
  async getAllMics() {
    return [];
  }
  async getAllCams() {
    return [];
  }
  async getAllSpeakers() {
    return [];
  }
  updateMic(): void {}
  updateSpeaker(): void {}
  enableMic(): void {}
  enableCam(): void {}
  tracks() {
    return { local: {} };
  }
}
