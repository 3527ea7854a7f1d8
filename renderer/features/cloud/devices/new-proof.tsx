import { Button, Group, Modal, Stack, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { CallReply } from '../../../../preload/contract/index.ts';
import { SecretOnce } from '../../../components/secret-once.tsx';
import { useAction } from '../../../lib/actions.ts';
import { saveFile } from '../../../lib/files.ts';
import { wallText } from '../../../lib/quantities.ts';
import type { DeviceName } from './device-streams.ts';

interface ProofProps {
  device: DeviceName;
  onClose(): void;
}

/** Another secret for a device; what it was let in with before is good no more. */
export function NewSecret({ device: { productId, deviceName }, onClose }: ProofProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [typed, setTyped] = useState('');
  const [made, setMade] = useState<string | null>(null);
  async function make(): Promise<void> {
    const reply = await run('devices.put', { productId, deviceName, ...(typed === '' ? {} : { secret: typed }) });
    if (reply === null) return;
    if (reply.generatedSecret === undefined) onClose();
    else setMade(reply.generatedSecret);
  }
  return (
    <Modal opened size="lg" onClose={onClose} title={t('devices.newSecret.title')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <Stack gap="sm">
          {made === null ? (
            <>
              <div>{t('devices.newSecret.ask', { name: deviceName })}</div>
              <TextInput
                label="DeviceSecret"
                description={t('devices.secretHint')}
                pattern="[A-Za-z0-9+\/]+={0,2}"
                autoComplete="off"
                classNames={{ input: 'mono' }}
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
              />
            </>
          ) : (
            <SecretOnce hint={t('devices.secretOnce')} secrets={[{ label: 'DeviceSecret', value: made }]} />
          )}
          <Group justify="flex-end">
            <Button variant="default" data-autofocus onClick={onClose}>
              {t(made === null ? 'frame.cancel' : 'frame.close')}
            </Button>
            {made === null && (
              <Button type="submit" loading={isBusy}>
                {t('devices.newSecret.go')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface CertificateProps extends ProofProps {
  device: DeviceName & { certificateFingerprint: string | null };
}

/** A client certificate of the bench's authority. Its key is in the files saved here, and nowhere else. */
export function NewCertificate({ device: { productId, deviceName, certificateFingerprint }, onClose }: CertificateProps) {
  const { t } = useTranslation();
  const { run, isBusy } = useAction();
  const [issued, setIssued] = useState<CallReply<'devices.issueCertificate'> | null>(null);
  const save = (end: string, pem: string): void => saveFile(`${productId}_${deviceName}.${end}`, new TextEncoder().encode(pem));
  return (
    <Modal opened onClose={onClose} title={t('devices.certificate.title')} closeButtonProps={{ 'aria-label': t('frame.close') }}>
      <Stack gap="sm">
        {issued === null ? (
          <div>{t(certificateFingerprint === null ? 'devices.certificate.askFirst' : 'devices.certificate.ask', { name: deviceName })}</div>
        ) : (
          <>
            <div>{t('devices.certificate.once', { until: wallText(issued.notAfterWallMs) })}</div>
            <div className="mono" style={{ overflowWrap: 'anywhere' }}>
              {issued.device.certificateFingerprint}
            </div>
            <Group gap={8}>
              <Button onClick={() => save('crt.pem', issued.certificate)}>{t('devices.certificate.saveCertificate')}</Button>
              <Button onClick={() => save('key.pem', issued.key)}>{t('devices.certificate.saveKey')}</Button>
            </Group>
          </>
        )}
        <Group justify="flex-end">
          <Button variant="default" data-autofocus onClick={onClose}>
            {t(issued === null ? 'frame.cancel' : 'frame.close')}
          </Button>
          {issued === null && (
            <Button
              loading={isBusy}
              onClick={() => void run('devices.issueCertificate', { productId, deviceName }).then((reply) => setIssued(reply))}
            >
              {t('devices.certificate.go')}
            </Button>
          )}
        </Group>
      </Stack>
    </Modal>
  );
}
