import { Badge } from '@mantine/core';
import { IconLock, IconLockOpen } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { ChipIdentity, FlashJob } from '../../../preload/contract/flash.ts';
import { bytesText, hexText } from '../../lib/quantities.ts';
import css from './job.module.css';

const protections = ['secureBoot', 'flashEncryption', 'secureDownload', 'jtagDisabled'] as const;

/** Which board it is, and what it was left doing. */
export function JobFacts({ job: { chip, device, boardState, state } }: { job: FlashJob }) {
  const { t } = useTranslation();
  return (
    <dl className={css.facts}>
      {chip !== null && (
        <>
          <Fact name={t('job.chip')}>
            {chip.description} <Security security={chip.security} />
          </Fact>
          {chip.mac !== null && (
            <Fact name="MAC" isMono>
              {chip.mac}
            </Fact>
          )}
          {chip.flashBytes !== null && (
            <Fact name={t('job.flash')}>
              {bytesText(chip.flashBytes)} {chip.flashId !== null && <span className="mono quiet">{chip.flashId}</span>}
            </Fact>
          )}
        </>
      )}
      {device !== null && (
        <Fact name={t('job.device')} isMono>
          {device.productId}/{device.deviceName}
        </Fact>
      )}
      <Fact name={t('job.board')}>
        <span data-testid="board-state">{t(`job.boardState.${state === 'running' ? 'working' : boardState}`)}</span>
      </Fact>
    </dl>
  );
}

function Fact({ name, isMono = false, children }: { name: string; isMono?: boolean; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={isMono ? 'mono' : undefined}>{children}</dd>
    </div>
  );
}

function Security({ security }: { security: ChipIdentity['security'] }) {
  const { t } = useTranslation();
  if (security === null) return null;
  const on = protections.filter((name) => security[name]);
  const Icon = on.length === 0 ? IconLockOpen : IconLock;
  return (
    <span title={hexText(security.flags)}>
      {(on.length === 0 ? (['open'] as const) : on).map((name) => (
        <Badge
          key={name}
          size="sm"
          variant="light"
          color={name === 'open' ? 'gray' : 'orange'}
          leftSection={<Icon size={10} aria-hidden />}
          mr={4}
        >
          {t(`job.security.${name}`)}
        </Badge>
      ))}
    </span>
  );
}
