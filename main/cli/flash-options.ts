import { type Command, InvalidArgumentError, Option } from 'commander';
import { type RequestedFlashOptions, requestedFlashOptions } from '../../preload/contract/flash.ts';
import type { CommonOptions } from './command.ts';

/** Options of every command that talks to a board's loader. What is left out is for the build folder, or the core's own default, to say. */
export interface LoaderOptions extends CommonOptions {
  port: string;
  baud?: number;
  before?: string;
  after?: 'hard-reset' | 'stay';
  stub: boolean;
}

export function withLoaderOptions(command: Command): Command {
  return withTransferOptions(withPort(command));
}

export const portOption = ['--port <address>', '/dev/ttyUSB0, COM7, socket://host:port, rfc2217://host:port'] as const;

export function withPort(command: Command): Command {
  return command.requiredOption(...portOption);
}

export function withTransferOptions(command: Command): Command {
  return command
    .option('--baud <rate>', 'baud rate of the transfer (460800); reduced by itself when the line does not carry it', parseBaud)
    .option(
      '--before <how>',
      'how the board enters its loader: default-reset, usb-reset, no-reset, or a sequence like D0|R1|W0.1|D1|R0|W0.05|D0',
      parseBefore,
    )
    .addOption(new Option('--after <how>', 'what the board does afterwards').choices(['hard-reset', 'stay']))
    .option('--no-stub', 'use the ROM loader only');
}

export function loaderOptionsOf({ baud, before, after, stub }: Omit<LoaderOptions, 'port'>): RequestedFlashOptions {
  return {
    ...(baud === undefined ? {} : { baudRate: baud }),
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(stub ? {} : { useStub: false }),
  };
}

function parseBefore(text: string): string {
  if (requestedFlashOptions.shape.before.safeParse(text).success) return text;
  throw new InvalidArgumentError('want default-reset, usb-reset, no-reset, or a sequence like D0|R1|W0.1|D1|R0|W0.05|D0');
}

function parseBaud(text: string): number {
  const baud = Number(text);
  if (!Number.isInteger(baud) || baud < 9600 || baud > 12_000_000) throw new InvalidArgumentError('want a rate from 9600 to 12000000');
  return baud;
}

/** '0x10000', '64K', '1M' or decimal. */
export function parseSize(text: string): number {
  const match = /^(0x[0-9a-f]+|\d+)([km]?)$/i.exec(text);
  const value = Number(match?.[1] ?? Number.NaN) * { '': 1, k: 1024, m: 1024 * 1024 }[(match?.[2] ?? '').toLowerCase() as '' | 'k' | 'm'];
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('want a number like 0x10000, 64K or 1M');
  return value;
}
