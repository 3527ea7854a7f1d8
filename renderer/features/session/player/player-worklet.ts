import type { PlayerCommand, PlayerReport } from './messages.ts';
import { SoundShelf } from './shelf.ts';
import { TimeStretch } from './stretch.ts';

interface Processor {
  readonly port: MessagePort;
}

declare const AudioWorkletProcessor: new () => Processor;
declare const currentTime: number;
declare function registerProcessor(
  name: string,
  processor: new () => Processor & { process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean },
): void;

/** Blocks of 128 samples between two reports of where it is: 40 ms. */
const REPORT_BLOCKS = 5;

/** Plays a recording of two tracks on the browser's audio thread, where nothing else can hold it up. */
class RecordingPlayer extends AudioWorkletProcessor {
  readonly #shelf = new SoundShelf(2);
  readonly #stretch = new TimeStretch(this.#shelf, 2);
  #seeks = 0;
  #blocks = 0;
  #told = '';

  constructor() {
    super();
    this.port.onmessage = ({ data }: MessageEvent<PlayerCommand>) => this.#obey(data);
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const [output] = outputs;
    if (output === undefined || output.length < 2) return true;
    const { position } = this.#stretch;
    this.#stretch.render(output);
    this.#blocks += 1;
    const { state } = this.#stretch;
    const mark = `${state} ${this.#seeks}`;
    if (this.#told !== mark || (state === 'playing' && this.#blocks % REPORT_BLOCKS === 0)) {
      this.#told = mark;
      this.port.postMessage({ atS: currentTime, position, state, seeks: this.#seeks } satisfies PlayerReport);
    }
    return true;
  }

  #obey(command: PlayerCommand): void {
    switch (command.kind) {
      case 'piece':
        this.#shelf.put(command.at, command.samples);
        break;
      case 'drop':
        this.#shelf.drop(command.at);
        break;
      case 'clear':
        this.#shelf.clear();
        break;
      case 'play':
        this.#stretch.play();
        break;
      case 'pause':
        this.#stretch.pause();
        break;
      case 'seek':
        this.#seeks += 1;
        this.#stretch.seek(command.at);
        break;
      case 'rate':
        this.#stretch.rate = command.rate;
        break;
      case 'loop':
        this.#stretch.loop = command.loop;
        break;
      case 'end':
        this.#stretch.end = command.at;
        this.#shelf.end = command.at;
        break;
    }
  }
}

registerProcessor('talkbench-recording', RecordingPlayer);
