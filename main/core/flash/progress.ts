import type { FlashJob, FlashStage } from '../../../preload/contract/flash.ts';
import type { Clock } from '../../../preload/contract/time.ts';
import type { PreparedFlash } from './plan.ts';

/** Fast enough for an eye, slow enough for a log. */
const PUBLISH_INTERVAL_US = 100_000;
const SPEED_WINDOW_US = 1_000_000;

/** The state of one job as it goes, told at most ten times a second while bytes flow and at once when a stage changes. */
export class JobProgress {
  readonly #clock: Clock;
  readonly #publish: (job: FlashJob) => void;
  #job: FlashJob;
  #stageStartedUs: number;
  #publishedUs: number;
  #samples: { atUs: number; bytes: number }[] = [];

  constructor(options: { jobId: string; address: string; prepared: PreparedFlash; clock: Clock; publish: (job: FlashJob) => void }) {
    this.#clock = options.clock;
    this.#publish = options.publish;
    this.#stageStartedUs = options.clock.nowUs();
    this.#publishedUs = this.#stageStartedUs;
    this.#job = {
      jobId: options.jobId,
      address: options.address,
      state: 'running',
      stage: 'connect',
      stages: [],
      chip: null,
      files: options.prepared.plan.files.map((file) => ({ ...file, writtenBytes: 0, md5: null, verified: null })),
      totalBytes: options.prepared.plan.totalBytes,
      writtenBytes: 0,
      bytesPerSecond: null,
      etaMs: null,
      boardState: 'unknown',
      error: null,
    };
  }

  get job(): FlashJob {
    return this.#job;
  }

  /** Ends the stage under way, with its time, and begins another. */
  stage(stage: FlashStage): void {
    this.#closeStage();
    this.update({ stage, ...(stage === 'write' ? {} : { bytesPerSecond: null, etaMs: null }) });
  }

  update(change: Partial<FlashJob>): void {
    this.#job = { ...this.#job, ...change };
    this.#publishedUs = this.#clock.nowUs();
    this.#publish(this.#job);
  }

  file(index: number, change: Partial<FlashJob['files'][number]>): void {
    const files = this.#job.files.map((file, at) => (at === index ? { ...file, ...change } : file));
    const writtenBytes = files.reduce((sum, file) => sum + file.writtenBytes, 0);
    const nowUs = this.#clock.nowUs();
    this.#samples.push({ atUs: nowUs, bytes: writtenBytes });
    while (this.#samples.length > 2 && nowUs - (this.#samples[0]?.atUs ?? nowUs) > SPEED_WINDOW_US) this.#samples.shift();
    this.#job = { ...this.#job, files, writtenBytes, ...this.#speed(writtenBytes) };
    if (nowUs - this.#publishedUs >= PUBLISH_INTERVAL_US || change.writtenBytes === undefined) this.update({});
  }

  finish(change: Pick<FlashJob, 'state' | 'boardState' | 'error'>): void {
    this.#closeStage();
    this.update({ ...change, etaMs: null });
  }

  #speed(writtenBytes: number): Pick<FlashJob, 'bytesPerSecond' | 'etaMs'> {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.atUs === first.atUs) return { bytesPerSecond: null, etaMs: null };
    const bytesPerSecond = ((last.bytes - first.bytes) / (last.atUs - first.atUs)) * 1e6;
    if (bytesPerSecond <= 0) return { bytesPerSecond: null, etaMs: null };
    return { bytesPerSecond, etaMs: ((this.#job.totalBytes - writtenBytes) / bytesPerSecond) * 1000 };
  }

  #closeStage(): void {
    const nowUs = this.#clock.nowUs();
    const elapsedMs = (nowUs - this.#stageStartedUs) / 1000;
    this.#job = { ...this.#job, stages: [...this.#job.stages, { stage: this.#job.stage, elapsedMs }] };
    this.#stageStartedUs = nowUs;
  }
}
