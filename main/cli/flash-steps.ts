import type { TalkErrorValue } from '../../preload/contract/talk-error.ts';

/** Of a board that listens after every reset, and has no BOOT. */
const resetStep = 'is it the port of UART0, and powered? Begin again and press RESET (or power it off and on) when asked to';

const moduleStep =
  'is the module powered, and this its download port (or its AT port)? Hold its BOOT key (or bridge the BOOT pads), press its power key, try again';

/** Variables that only a device brings. */
const deviceVariables = ['product_id', 'device_name', 'device_secret'];

/** The next step of what flashing fails with, where that depends on more than the code. */
export function flashStep({ code, data }: TalkErrorValue): string | undefined {
  if (code === 'flash/sync-timeout') return data.how === 'RESET' ? resetStep : data.family === 'cat1' ? moduleStep : undefined;
  if (code === 'flash/secured') return securedStep(data);
  if (code === 'nvs/missing-variable' && deviceVariables.includes(String(data.name)))
    return 'choose the device that it is of: --device PRODUCT/NAME, or --device-list NAME where that is taken';
  return undefined;
}

/** What an eFuse has forbidden, no option allows. */
function securedStep({ kind, secureDownload }: TalkErrorValue['data']): string | undefined {
  if (kind === 'read' || kind === 'nvs')
    return 'nobody reads the flash of this chip over its loader, and nothing turns that off; what its firmware prints is in `talkbench monitor`';
  if (kind !== 'erase') return undefined;
  return secureDownload === true
    ? 'nobody erases this chip over its loader, and nothing turns that off; its own firmware may (an update over the air); nothing was erased'
    : 'erased, it would have nothing to start that is not signed or encrypted for it: write such files over the old ones (`talkbench flash … --force`); nothing was erased';
}
