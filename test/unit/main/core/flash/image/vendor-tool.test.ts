import { describe, expect, it } from 'vitest';
import { requireOwnTool } from '../../../../../../main/core/flash/image/vendor-tool.ts';

const file = (name: string, beginning = '') => ({ name, data: new TextEncoder().encode(`${beginning} and more`) });
const toolFor = (files: ReturnType<typeof file>[], expectChip?: string) => {
  try {
    requireOwnTool(files, expectChip);
  } catch (error) {
    return (error as { value: { code: string; data: unknown } }).value;
  }
  return null;
};

describe('a chip that only its vendor’s tool can write', () => {
  it.each([
    ['gx318', 'GX318/GX308', 'AICXTEK'],
    ['GX308', 'GX318/GX308', 'AICXTEK'],
    ['ac79', 'AC79', 'Jieli'],
    ['rv1106', 'RV1106/RK3588', 'rkdeveloptool'],
    ['RK3588', 'RV1106/RK3588', 'rkdeveloptool'],
    ['orin', 'Jetson Orin', 'NVIDIA'],
    ['Jetson Orin Nano', 'Jetson Orin', 'NVIDIA'],
  ])('is told by the chip asked for: %s', (expectChip, chip, tool) => {
    expect(toolFor([file('any.bin')], expectChip)).toMatchObject({
      code: 'flash/vendor-tool',
      data: { chip, tool: expect.stringContaining(tool) },
    });
  });

  it.each([
    ['update.img', 'RKFW', 'RV1106/RK3588'],
    ['update.img', 'RKAF', 'RV1106/RK3588'],
    ['MiniLoaderAll.bin', 'LDR ', 'RV1106/RK3588'],
    ['update.ufw', '', 'AC79'],
    ['out/jl_isd.bin', '', 'AC79'],
    ['GX318_modem_v1.bin', '', 'GX318/GX308'],
    ['Linux_for_Tegra/flash.sh', '', 'Jetson Orin'],
  ])('is told by its package: %s %s', (name, beginning, chip) => {
    expect(toolFor([file('readme.txt'), file(name, beginning)])).toMatchObject({ code: 'flash/vendor-tool', data: { chip } });
  });

  it('is none of the others', () => {
    expect(toolFor([file('app.bin'), file('flash.bin'), file('gx3180.bin')], 'esp32s3')).toBeNull();
    expect(toolFor([])).toBeNull();
  });
});
