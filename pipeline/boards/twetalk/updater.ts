import type { Socket } from 'node:net';
import { readNumber, readString } from './board-json.ts';
import { downloadFirmware } from './ota-client.ts';
import type { SdkLog } from './sdk-log.ts';
import type { BoardTraits } from './traits.ts';

export interface UpdaterDeps {
  log: SdkLog;
  traits: Pick<BoardTraits, 'otaFailure'>;
  connect: ((options: object) => Socket) | undefined;
  isPortFixed: boolean;
  publish: (payload: string) => Promise<void>;
  /** Something to be published while the download goes on. */
  background: (work: Promise<void>) => void;
}

/** The SDK's OTA task: one update at a time, told step by step (reference/twetalk.md §3.6). */
export class Updater {
  readonly #deps: UpdaterDeps;
  #isUpdating = false;
  version: string;

  constructor(version: string, deps: UpdaterDeps) {
    this.version = version;
    this.#deps = deps;
  }

  reportVersion(): Promise<void> {
    return this.#deps.publish(`{"type":"report_version","report":{"version":"${this.version}"}}`);
  }

  /** On `update_firmware`; a second one meanwhile is not heard. */
  async update(text: string, signal: AbortSignal): Promise<void> {
    if (this.#isUpdating) return;
    this.#isUpdating = true;
    try {
      await this.#run(text, signal);
    } finally {
      this.#isUpdating = false;
    }
  }

  async #run(text: string, signal: AbortSignal): Promise<void> {
    const { log, traits, connect, isPortFixed, background } = this.#deps;
    const word = (name: string) => readString(text, name) ?? '';
    const version = word('version');
    const order = { version, url: word('url'), md5: word('md5sum'), sizeBytes: readNumber(text, 'file_size') ?? 0 };
    const image = await downloadFirmware(order, {
      isPortFixed,
      ...(connect === undefined ? {} : { connect }),
      signal,
      onProgress: (percent) => background(this.#progress(version, 'downloading', '0', percent)),
      onRetry: (offset, reason) => log.sdk('WRN', 'ota_downloader.c|_ota_download(214)', `${reason}, download again from ${offset}`),
    });
    if (signal.aborted) return;
    if (typeof image === 'string') {
      log.sdk('ERR', 'ota_downloader.c|_ota_download(241)', `ota failed: ${image}`);
      await this.#progress(version, 'fail', image);
      return;
    }
    await this.#progress(version, 'burning', '0');
    if (traits.otaFailure !== null) {
      log.sdk('ERR', 'ota_downloader.c|_ota_burn(268)', `ota failed: ${traits.otaFailure}`);
      await this.#progress(version, 'fail', traits.otaFailure);
      return;
    }
    await this.#progress(version, 'done', '0');
    this.version = version;
    await this.reportVersion();
  }

  #progress(version: string, state: string, code: string, percent?: number): Promise<void> {
    // Numbers go as strings, as the SDK prints them.
    const how = percent === undefined ? '' : `"percent":"${percent}",`;
    const progress = `"progress":{"state":"${state}",${how}"result_code":"${code}","result_msg":""}`;
    return this.#deps.publish(`{"type":"report_progress","report":{${progress},"version":"${version}"}}`);
  }
}
