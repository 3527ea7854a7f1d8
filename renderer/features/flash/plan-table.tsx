import { Table } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FlashPlan } from '../../../preload/contract/flash.ts';
import { bytesText, hexText } from '../../lib/quantities.ts';

/** What would be written, before anything is. */
export function PlanTable({ plan }: { plan: FlashPlan }) {
  const { t } = useTranslation();
  return (
    <Table verticalSpacing={3} withTableBorder captionSide="top">
      <Table.Caption ta="left" mt={0}>
        {t('flash.plan', { size: bytesText(plan.totalBytes) })}
        {plan.expectChip !== null && ` · ${t('flash.forChip', { chip: plan.expectChip })}`}
      </Table.Caption>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t('flash.offset')}</Table.Th>
          <Table.Th>{t('flash.end')}</Table.Th>
          <Table.Th>{t('flash.file')}</Table.Th>
          <Table.Th ta="right">{t('flash.size')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {plan.files
          .toSorted((a, b) => a.offset - b.offset)
          .map((file) => (
            <Table.Tr key={`${file.offset} ${file.name}`}>
              <Table.Td className="mono">{hexText(file.offset)}</Table.Td>
              <Table.Td className="mono quiet">{hexText(file.offset + file.sizeBytes)}</Table.Td>
              <Table.Td style={{ overflowWrap: 'anywhere' }}>{file.name}</Table.Td>
              <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>
                {bytesText(file.sizeBytes)}
              </Table.Td>
            </Table.Tr>
          ))}
      </Table.Tbody>
    </Table>
  );
}
