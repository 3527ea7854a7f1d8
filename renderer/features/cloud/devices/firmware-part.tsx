import { ActionIcon, Button, Select } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { OtaFile } from '../../../../preload/contract/cloud/twetalk.ts';
import type { CallRequest } from '../../../../preload/contract/index.ts';
import type { DeviceRecord } from '../../../../preload/contract/pipeline.ts';
import type { TalkErrorValue } from '../../../../preload/contract/talk-error.ts';
import { ErrorNotice } from '../../../components/error-notice.tsx';
import { useAction, useReply } from '../../../lib/actions.ts';
import { errorValueOf } from '../../../lib/errors.ts';
import { useLab } from '../../../lib/lab.ts';
import { bytesText, wallText } from '../../../lib/quantities.ts';
import cloud from '../cloud.module.css';
import { AddFirmware } from './add-firmware.tsx';
import { useLiveDevice } from './device-streams.ts';
import css from './devices.module.css';
import { UpdateProgress } from './update-progress.tsx';

type Fault = NonNullable<CallRequest<'ota.update'>['fault']>;
const faults = ['none', 'wrong-md5', 'wrong-size', 'cut'] as const satisfies readonly Fault[];

/** The files there are, which of them the board is told to fetch, and how far it came. */
export function FirmwarePart({ device }: { device: DeviceRecord }) {
  const { t } = useTranslation();
  const lab = useLab();
  const { run } = useAction();
  const [version, setVersion] = useState(0);
  const [fault, setFault] = useState<Fault>('none');
  const [problem, setProblem] = useState<TalkErrorValue | null>(null);
  const live = useLiveDevice(device);
  const files = useReply('ota.files', {}, { version }).data?.files;
  const update = live?.update ?? null;
  const isUnderWay = update !== null && update.state !== 'done' && update.state !== 'fail';

  async function send(file: OtaFile): Promise<void> {
    setProblem(null);
    try {
      const { productId, deviceName } = device;
      await lab.call('ota.update', { productId, deviceName, fileId: file.id, fault });
    } catch (error) {
      setProblem(errorValueOf(error));
    }
  }
  async function remove(file: OtaFile): Promise<void> {
    if ((await run('ota.removeFile', { id: file.id })) !== null) setVersion(version + 1);
  }

  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard
    <section className={css.body} tabIndex={0} aria-label={t('devices.part.firmware')}>
      {update !== null && <UpdateProgress update={update} />}
      {problem !== null && <ErrorNotice error={problem} />}
      <section aria-labelledby="firmware-files">
        <div className={css.row}>
          <h2 id="firmware-files" className={css.grow}>
            {t('devices.ota.files')}
          </h2>
          <Select
            w={230}
            aria-label={t('devices.ota.fault')}
            allowDeselect={false}
            value={fault}
            onChange={(next) => next !== null && setFault(next)}
            data={faults.map((value) => ({ value, label: t(`devices.ota.faultOf.${value}`) }))}
          />
        </div>
        {files?.length === 0 && <p className="quiet">{t('devices.ota.none')}</p>}
        {files !== undefined && files.length > 0 && (
          <table className={cloud.table}>
            <thead>
              <tr>
                <th>{t('devices.ota.file')}</th>
                <th style={{ width: 130 }}>{t('devices.ota.version')}</th>
                <th style={{ width: 80 }}>{t('devices.ota.size')}</th>
                <th style={{ width: 100 }}>MD5</th>
                <th style={{ width: 140 }}>{t('devices.ota.added')}</th>
                <th style={{ width: 170 }} aria-label={t('devices.otherActions')} />
              </tr>
            </thead>
            <tbody>
              {files.map((file) => (
                <tr key={file.id}>
                  <td title={file.name}>{file.name}</td>
                  <td className="mono" title={file.version}>
                    {file.version}
                  </td>
                  <td>{bytesText(file.sizeBytes)}</td>
                  <td className="mono" title={file.md5}>
                    {file.md5}
                  </td>
                  <td className="quiet">{wallText(file.addedWallMs)}</td>
                  <td>
                    <div className={css.row} style={{ flexWrap: 'nowrap' }}>
                      <Button
                        size="compact-xs"
                        disabled={isUnderWay}
                        aria-label={t('devices.ota.sendOf', { name: file.name })}
                        onClick={() => void send(file)}
                      >
                        {t('devices.ota.send')}
                      </Button>
                      <ActionIcon aria-label={t('devices.ota.removeOf', { name: file.name })} onClick={() => void remove(file)}>
                        <IconTrash size={14} />
                      </ActionIcon>
                    </div>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </section>
      <AddFirmware onAdded={() => setVersion((known) => known + 1)} />
    </section>
  );
}
