import { Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useFlashJobs } from '../../../lib/streams.ts';
import { useBenchBoards } from '../bench-boards.ts';
import { showToolsOf, useChosenBoards } from '../chosen-boards.ts';
import { JobCard } from '../job-card.tsx';
import { BoardIdentity } from './board-identity.tsx';
import { EraseTool } from './erase-tool.tsx';
import { NvsFile } from './nvs-file.tsx';
import { NvsTable } from './nvs-table.tsx';
import { SaveResult } from './save-result.tsx';
import { InfoTool, NvsTool, ReadTool } from './simple-tools.tsx';
import css from './tools.module.css';

/** What can be asked of one board, or done to it, besides writing firmware. */
export function ToolsTab() {
  const { t } = useTranslation();
  const bench = useBenchBoards();
  const jobs = useFlashJobs() ?? [];
  const tooled = useChosenBoards((chosen) => chosen.tooled);
  const address = tooled ?? (bench.boards.length === 1 ? (bench.boards[0]?.address ?? null) : null);
  const own = jobs.filter((job) => job.address === address).toReversed();
  const isBusy = own.some(({ state }) => state === 'running');
  const known = own.find(({ partitions }) => partitions !== null)?.partitions ?? null;
  const target = { address, name: address === null ? '' : bench.nameOf(address), isBusy, partitions: known };
  const shown = own.filter(({ kind }) => kind !== 'write');
  return (
    <div className={css.tools}>
      <div className={css.forms}>
        <h1>{t('flash.tabs.tools')}</h1>
        <Select
          label={t('tools.board')}
          placeholder={t('tools.chooseBoard')}
          searchable
          data={bench.boards.map((board) => ({
            value: board.address,
            label: board.name === board.address ? board.name : `${board.name} — ${board.address}`,
          }))}
          value={address}
          onChange={showToolsOf}
          nothingFoundMessage={t('flash.noBoards')}
        />
        <InfoTool target={target} />
        <ReadTool target={target} />
        <NvsTool target={target} />
        <EraseTool target={target} />
      </div>
      <div className={css.results}>
        <NvsFile />
        {shown.length === 0 && <p className={css.nothing}>{address === null ? t('tools.needBoard') : t('tools.nothing')}</p>}
        {shown.map((job, index) => (
          <JobCard key={job.jobId} job={job} name={bench.nameOf(job.address)} isCompact={index > 0}>
            {job.kind === 'info' && job.state === 'done' && <BoardIdentity job={job} />}
            {job.nvs !== null && <NvsTable contents={job.nvs} />}
            {job.result !== null && <SaveResult jobId={job.jobId} result={job.result} />}
          </JobCard>
        ))}
      </div>
    </div>
  );
}
