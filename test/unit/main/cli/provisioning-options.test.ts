import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { provisioningOf } from '../../../../main/cli/provisioning-options.ts';
import { provisioningTemplates } from '../../../../main/core/provisioning/templates.ts';
import type { Client } from '../../../../preload/contract/client.ts';

const client = { call: async () => ({ templates: provisioningTemplates(1883) }) } as unknown as Client;
const entry = (key: string, value: string) => ({ namespace: 'wifi', key, type: 'string' as const, value });

test('a value of the command line stands in place of the CSV’s, and that of the template’s; files lie beside the CSV', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'talkbench-options-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'name.txt'), 'from a file');
  const nvsCsv = join(folder, 'nvs.csv');
  writeFileSync(nvsCsv, 'key,type,encoding,value\nwifi,namespace,,\nssid,data,string,of the CSV\nname,file,string,name.txt\n');
  const given = await provisioningOf(client, { template: 'wifi', nvsCsv, set: [entry('password', 'typed in')], var: {} });
  expect(given?.entries).toEqual([entry('ssid', 'of the CSV'), entry('password', 'typed in'), entry('name', 'from a file')]);
});
