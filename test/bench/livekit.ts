import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { nearestRank } from '../../main/core/analysis/percentiles.ts';
import { scriptedSound } from '../../pipeline/engines/scripted/sound.ts';
import { measure, stated } from './pipeline.ts';

/**
 * The same scripted speech and the same engines' delays through `@livekit/agents`, which is no dependency of the project: TALKBENCH_LIVEKIT
 * names a folder where `npm install --prefix` has put it. Its session runs without a room, on an audio input and output of our own, so what
 * is compared is what either adds between its engines, without any network. Our side has its real sockets.
 * An interruption of ours holds the reply at the onset and decides then; theirs stops it when it has decided, after 300 ms of speech.
 */
const folder = process.env.TALKBENCH_LIVEKIT;
const TURNS = 12;
const FRAME_MS = 20;
const RATE = 16_000;
const SPEECH_MS = 600;
const SILENCE_MS = 500;
const LOUD = 1000;

// biome-ignore lint/suspicious/noExplicitAny: a library that is not there when this is compiled
type Foreign = any;

export async function run(): Promise<void> {
  if (folder === undefined) {
    console.log('  TALKBENCH_LIVEKIT names no folder with @livekit/agents: nothing to compare with');
    return;
  }
  const load = (name: string): Promise<Foreign> => import(pathToFileURL(join(folder, 'node_modules', name, 'dist/index.js')).href);
  const [agents, rtc] = [await load('@livekit/agents'), await load('@livekit/rtc-node')];
  const theirs = await talk(agents, rtc);
  const ours = await measure(1, TURNS);
  const line = (text: string, one: readonly number[], other: readonly number[], percent: number) => {
    const rank = (values: readonly number[]) =>
      nearestRank(
        values.toSorted((a, b) => a - b),
        percent,
      ) ?? Number.NaN;
    const [mine, its] = [rank(one), rank(other)];
    console.log(
      `  ${text}, p${percent}: ours ${mine.toFixed(2)} ms, theirs ${its.toFixed(2)} ms, ${(mine / its).toFixed(2)} × (n ${one.length}, ${other.length})`,
    );
  };
  for (const percent of [50, 99]) line('added a turn', ours.added, theirs.added, percent);
  for (const percent of [50, 99]) line('onset seen → output silenced', ours.stop, theirs.stop, percent);
}

interface Spans {
  declaredMs: number;
  stt: { fromMs: number; toMs: number };
  llm: { fromMs: number; toMs: number };
  tts: { fromMs: number; toMs: number };
}

const now = () => performance.now();

async function talk(agents: Foreign, rtc: Foreign): Promise<{ added: number[]; stop: number[] }> {
  agents.initializeLogger({ pretty: false, level: 'error' });
  const added: number[] = [];
  const stop: number[] = [];
  let spans: Partial<Spans> = {};
  let onsetMs: number | undefined;
  let onSilent = () => {};
  let onAudible = () => {};
  /** Finals of the recogniser, when the detector says that the speech is over. */
  let onDeclared = () => {};

  class Detector extends agents.VAD {
    label = 'scripted';
    constructor() {
      super({ updateInterval: FRAME_MS });
    }
    stream() {
      return new DetectorStream(this);
    }
  }
  class DetectorStream extends agents.VADStream {
    constructor(vad: unknown) {
      super(vad);
      void this.listen();
    }
    async listen(): Promise<void> {
      let [samples, speechMs, silenceMs, isSpeaking] = [0, 0, 0, false];
      const tell = (type: number, frame: Foreign) =>
        this.sendVADEvent({
          ...{ type, samplesIndex: samples, timestamp: Date.now(), speechDuration: speechMs, silenceDuration: silenceMs, frames: [frame] },
          ...{
            probability: isSpeaking ? 1 : 0,
            inferenceDuration: 0,
            speaking: isSpeaking,
            rawAccumulatedSilence: silenceMs,
            rawAccumulatedSpeech: speechMs,
          },
        });
      for (;;) {
        const { done, value: frame } = await this.inputReader.read();
        if (done) return;
        if (typeof frame === 'symbol') continue;
        samples += frame.samplesPerChannel;
        const isLoud = Math.sqrt(frame.data.reduce((sum: number, sample: number) => sum + sample * sample, 0) / frame.data.length) >= LOUD;
        speechMs = isLoud ? speechMs + FRAME_MS : speechMs;
        silenceMs = isLoud ? 0 : silenceMs + FRAME_MS;
        if (isLoud && !isSpeaking && speechMs >= 60) {
          isSpeaking = true;
          onsetMs = now();
          tell(agents.VADEventType.START_OF_SPEECH, frame);
        }
        tell(agents.VADEventType.INFERENCE_DONE, frame);
        if (isSpeaking && silenceMs >= SILENCE_MS) {
          isSpeaking = false;
          spans = { declaredMs: now() };
          onDeclared();
          tell(agents.VADEventType.END_OF_SPEECH, frame);
          speechMs = 0;
        }
      }
    }
  }

  class Recogniser extends agents.stt.STT {
    label = 'scripted';
    constructor() {
      super({ streaming: true, interimResults: false });
    }
    async _recognize(): Promise<never> {
      throw new Error('streams only');
    }
    stream() {
      return new (RecogniserStream as Foreign)(this, RATE);
    }
  }
  class RecogniserStream extends agents.stt.SpeechStream {
    label = 'scripted';
    async run(): Promise<void> {
      onDeclared = () => void this.answer();
      for await (const frame of this.input) void frame;
    }
    async answer(): Promise<void> {
      const fromMs = now();
      await sleep(stated.sttMs);
      spans.stt = { fromMs, toMs: now() };
      const said = { language: 'zh', text: '讲个故事吧', startTime: 0, endTime: 0, confidence: 1 };
      this.queue.put({ type: agents.stt.SpeechEventType.FINAL_TRANSCRIPT, alternatives: [said] });
      this.queue.put({ type: agents.stt.SpeechEventType.END_OF_SPEECH });
    }
  }

  class Model extends agents.llm.LLM {
    label() {
      return 'scripted';
    }
    chat(asked: Foreign) {
      return new (ModelStream as Foreign)(this, { ...asked, connOptions: asked.connOptions ?? agents.DEFAULT_API_CONNECT_OPTIONS });
    }
  }
  class ModelStream extends agents.llm.LLMStream {
    async run(): Promise<void> {
      const fromMs = now();
      await sleep(stated.llmMs);
      spans.llm ??= { fromMs, toMs: now() };
      this.queue.put({ id: 'scripted', delta: { role: 'assistant', content: stated.reply } });
    }
  }

  class Voice extends agents.tts.TTS {
    label = 'scripted';
    constructor() {
      super(RATE, 1, { streaming: false });
    }
    synthesize(text: string, options: unknown, signal: unknown) {
      return new (VoiceStream as Foreign)(text, this, options, signal);
    }
    stream(): never {
      throw new Error('sentences only');
    }
  }
  class VoiceStream extends agents.tts.ChunkedStream {
    label = 'scripted';
    async run(): Promise<void> {
      const fromMs = now();
      await sleep(stated.ttsMs);
      spans.tts ??= { fromMs, toMs: now() };
      const sound = scriptedSound(this.inputText.length * stated.msPerCharacter, RATE);
      const piece = RATE / 10;
      for (let at = 0; at < sound.length; at += piece) {
        const pcm = sound.slice(at, at + piece);
        const frame = new rtc.AudioFrame(pcm, RATE, 1, pcm.length);
        this.queue.put({ requestId: 'r', segmentId: 's', frame, final: at + piece >= sound.length });
        await sleep(10);
      }
      this.queue.close();
    }
  }

  class Microphone extends agents.voice.AudioInput {
    controller: ReadableStreamDefaultController<unknown> | undefined;
    constructor() {
      super();
      this.multiStream.addInputStream(
        new ReadableStream({
          start: (controller) => {
            this.controller = controller;
          },
        }),
      );
    }
    push(pcm: Int16Array): void {
      this.controller?.enqueue(new rtc.AudioFrame(pcm, RATE, 1, pcm.length));
    }
  }

  class Speaker extends agents.voice.AudioOutput {
    pushedMs = 0;
    startedMs = 0;
    timer: NodeJS.Timeout | undefined;
    constructor() {
      super(RATE, undefined, { pause: true });
    }
    async captureFrame(frame: Foreign): Promise<void> {
      await super.captureFrame(frame);
      if (this.pushedMs === 0) {
        this.startedMs = now();
        const { declaredMs, stt, llm, tts } = spans;
        if (declaredMs !== undefined && stt && llm && tts) {
          const engines = [stt, llm, tts].reduce((sum, { fromMs, toMs }) => sum + toMs - fromMs, 0);
          added.push(this.startedMs - declaredMs - engines);
          spans = {};
        }
        this.onPlaybackStarted(Date.now());
        onAudible();
      }
      this.pushedMs += (frame.samplesPerChannel / RATE) * 1000;
    }
    flush(): void {
      super.flush();
      if (this.pushedMs === 0) return;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.finish(false), this.startedMs + this.pushedMs - now());
    }
    pause(): void {
      super.pause();
      this.silenced();
    }
    clearBuffer(): void {
      this.silenced();
      clearTimeout(this.timer);
      if (this.pushedMs > 0) this.finish(true);
    }
    silenced(): void {
      if (onsetMs !== undefined && this.pushedMs > 0) stop.push(now() - onsetMs);
      onsetMs = undefined;
    }
    finish(interrupted: boolean): void {
      const playedMs = Math.min(this.pushedMs, now() - this.startedMs);
      this.pushedMs = 0;
      this.onPlaybackFinished({ playbackPosition: playedMs / 1000, interrupted });
      onSilent();
    }
  }

  const microphone = new Microphone();
  const session = new agents.voice.AgentSession({
    vad: new Detector(),
    stt: new Recogniser(),
    llm: new Model(),
    tts: new Voice(),
    // Boards that cancel their own echo: as ours, from the first reply on.
    aecWarmupDuration: null,
    turnHandling: { turnDetection: 'vad', endpointing: { minDelay: 0, maxDelay: 0 }, interruption: { mode: 'vad', minDuration: 300 } },
  });
  session.input.audio = microphone;
  session.output.audio = new Speaker();
  await session.start({ agent: new agents.voice.Agent({ instructions: 'You tell stories.' }), record: false });

  let queued: Int16Array[] = [];
  const sound = scriptedSound(SPEECH_MS, RATE);
  const samples = (FRAME_MS * RATE) / 1000;
  const silence = new Int16Array(samples);
  const startedMs = now();
  let given = 0;
  const taking = setInterval(() => {
    for (; given * FRAME_MS < now() - startedMs; given += 1) microphone.push(queued.shift() ?? silence.slice());
  }, 5);
  const speak = () => {
    queued = Array.from({ length: SPEECH_MS / FRAME_MS }, (_, index) => sound.slice(index * samples, (index + 1) * samples));
  };
  const within = (start: (resolve: () => void) => void) =>
    new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        console.log('  theirs: no reply');
        resolve();
      }, 15_000);
      start(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  for (let turn = 1; turn <= TURNS; turn += 1) {
    await sleep(400);
    const audible = within((resolve) => (onAudible = resolve));
    const silent = within((resolve) => (onSilent = resolve));
    speak();
    await audible;
    if (turn % 3 === 0) {
      await sleep(900);
      speak();
    }
    await silent;
  }
  clearInterval(taking);
  await session.close();
  return { added, stop };
}
