import { describe, expect, test } from 'vitest';
import { givenSetting, givenSweep, settingTree } from '../../../../main/cli/setting-options.ts';

describe('settings of a command line', () => {
  test('are JSON where they are JSON, else text', () => {
    const given = ['turns.vadSilenceMs=800', 'turns.isPreemptive=true', 'turns.endpointing=semantic', 'turns.backchannels=["嗯","好"]'];
    expect(settingTree(given.map(givenSetting))).toEqual({
      turns: { vadSilenceMs: 800, isPreemptive: true, endpointing: 'semantic', backchannels: ['嗯', '好'] },
    });
  });

  test('the later of two counts, and an equals sign may be in the value', () => {
    expect(settingTree([givenSetting('agent.fillerEn=a=b'), givenSetting('agent.fillerEn=c')])).toEqual({ agent: { fillerEn: 'c' } });
    expect(givenSetting('agent.fillerEn=a=b')).toEqual({ key: 'agent.fillerEn', value: 'a=b' });
  });

  test.each(['vadSilenceMs=1', 'turns.vadSilenceMs', '=5'])('%s is refused', (text) => {
    expect(() => givenSetting(text)).toThrow(/SECTION.NAME=VALUE/u);
  });
});

describe('a sweep', () => {
  test('goes from one end to the other, both with it, without a sum’s dust', () => {
    expect(givenSweep('turns.vadSilenceMs=240..1200:120').values).toEqual([240, 360, 480, 600, 720, 840, 960, 1080, 1200]);
    expect(givenSweep('turns.vadThreshold=0.1..0.5:0.1').values).toEqual([0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(givenSweep('turns.vadSilenceMs=240..500:200').values).toEqual([240, 440]);
  });

  test('may name its values', () => {
    expect(givenSweep('turns.endpointing=fixed,dynamic,semantic')).toEqual({
      key: 'turns.endpointing',
      values: ['fixed', 'dynamic', 'semantic'],
    });
  });

  test.each(['turns.vadSilenceMs=500..240:20', 'turns.vadSilenceMs=240..2000:0', 'turns.vadSilenceMs=240..2000:1'])(
    '%s is refused',
    (text) => {
      expect(() => givenSweep(text)).toThrow();
    },
  );
});
