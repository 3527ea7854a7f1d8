import type { Check } from '../../check.ts';
import { attach } from './attach.ts';
import { clock } from './clock.ts';
import { dns } from './dns.ts';
import { quality } from './quality.ts';
import { reconnect } from './reconnect.ts';
import { tcp } from './tcp.ts';
import { throughput } from './throughput.ts';

export const networkChecks: readonly Check[] = [attach, dns, clock, tcp, throughput, quality, reconnect];
