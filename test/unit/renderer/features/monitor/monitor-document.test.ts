import { describe, expect, it } from 'vitest';
import { fromDocument, type MonitorSettings, merged, toDocument } from '../../../../../renderer/features/monitor/monitor-document.ts';

const pattern = { text: 'panic', isRegexp: false, isCaseSensitive: false };
const own: MonitorSettings = {
  filterSets: [{ name: 'errors', filter: { minimumLevel: 'error' } }],
  highlights: [{ name: 'panic', pattern, colour: 'red', isOn: true }],
  snippets: [{ name: 'reset', text: 'AT+RST', isHex: false }],
};

describe('the shared document', () => {
  it('comes back as it was', () => expect(fromDocument(toDocument(own))).toEqual(own));

  it('refuses other files', () => {
    for (const text of [
      '',
      '{}',
      '[]',
      'null',
      '{"kind":"talkbench.monitor","filterSets":[{}]}',
      '{"kind":"talkbench.monitor","snippets":5}',
    ])
      expect(fromDocument(text), text).toBeNull();
  });

  it('merges by name: the imported one wins, the rest stays', () => {
    const other = {
      ...own,
      filterSets: [{ name: 'errors', filter: { minimumLevel: 'warn' as const } }],
      snippets: [{ name: 'at', text: 'AT', isHex: false }],
    };
    const both = merged(own, other);
    expect(both.filterSets).toEqual(other.filterSets);
    expect(both.snippets.map(({ name }) => name)).toEqual(['reset', 'at']);
  });
});
