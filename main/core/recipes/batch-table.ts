import type { FlashJob } from '../../../preload/contract/flash.ts';
import type { Batch } from '../../../preload/contract/recipes.ts';

type Language = 'zh' | 'en';

interface Line {
  label: string;
  address: string;
  result: string;
  chip: string;
  mac: string;
  productId: string;
  deviceName: string;
  boardState: string;
  error: string;
  seconds: string;
  sha256: string;
}

const columns: { [Name in keyof Line]: Record<Language, string> } = {
  label: { en: 'Label', zh: '标签' },
  address: { en: 'Port', zh: '端口' },
  result: { en: 'Result', zh: '结果' },
  chip: { en: 'Chip', zh: '芯片' },
  mac: { en: 'MAC', zh: 'MAC' },
  productId: { en: 'Product ID', zh: '产品 ID' },
  deviceName: { en: 'Device name', zh: '设备名称' },
  boardState: { en: 'Board left', zh: '板子状态' },
  error: { en: 'Error', zh: '错误' },
  seconds: { en: 'Seconds', zh: '用时（秒）' },
  sha256: { en: 'Image SHA-256', zh: '镜像 SHA-256' },
};

/** A batch's results as a file: a line a board in the order given. CSV with a byte order mark, which spreadsheets want for Chinese. */
export function batchTable(batch: Batch, format: 'csv' | 'json', language: Language): { name: string; text: string } {
  const day = new Date(batch.startedWallMs).toISOString().slice(0, 19).replaceAll(':', '');
  const name = `${batch.name.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-')}-${day}.${format}`;
  const lines = batch.boards.map(lineOf);
  if (format === 'json') return { name, text: `${JSON.stringify({ ...batch, boards: lines }, null, 2)}\n` };
  const names = Object.keys(columns) as (keyof Line)[];
  const table = [names.map((column) => columns[column][language]), ...lines.map((line) => names.map((column) => line[column]))];
  return { name, text: `\uFEFF${table.map((fields) => fields.map(csvField).join(',')).join('\r\n')}\r\n` };
}

function lineOf({ address, label, job }: Batch['boards'][number]): Line {
  return {
    label,
    address,
    result: job?.state ?? 'waiting',
    chip: job?.chip?.description ?? '',
    mac: job?.chip?.mac ?? '',
    productId: job?.device?.productId ?? '',
    deviceName: job?.device?.deviceName ?? '',
    boardState: job?.boardState ?? 'unknown',
    error: job?.error?.code ?? '',
    seconds: job === null ? '' : secondsOf(job),
    sha256: job?.files.map(({ name, sha256 }) => `${name}:${sha256}`).join(' ') ?? '',
  };
}

function secondsOf(job: FlashJob): string {
  return (job.stages.reduce((sum, { elapsedMs }) => sum + elapsedMs, 0) / 1000).toFixed(1);
}

/** A field that a spreadsheet would take for a formula is made text: labels and file names come from anywhere. */
function csvField(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
