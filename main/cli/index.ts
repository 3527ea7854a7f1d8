import { Command, CommanderError } from 'commander';
import packageJson from '../../package.json' with { type: 'json' };
import { endWithoutReader } from './command.ts';
import { addAtCommand } from './commands/at.ts';
import { addBatchCommand } from './commands/batch.ts';
import { addCertificatesCommand } from './commands/certificates.ts';
import { addCheckCommand } from './commands/check.ts';
import { addDecodeCommand } from './commands/decode.ts';
import { addDeviceCommand } from './commands/device.ts';
import { addDevicesCommand } from './commands/devices.ts';
import { addEnginesCommand } from './commands/engines.ts';
import { addExportCommand } from './commands/export.ts';
import { addFlashCommand } from './commands/flash.ts';
import { addFlashToolCommands } from './commands/flash-tools.ts';
import { addLatencyCommand } from './commands/latency.ts';
import { addModelsCommand } from './commands/models.ts';
import { addMonitorCommand } from './commands/monitor.ts';
import { addNvsCommand } from './commands/nvs.ts';
import { addParseCommand } from './commands/parse.ts';
import { addPipelineCommand } from './commands/pipeline.ts';
import { addPortsCommand } from './commands/ports.ts';
import { addRecipesCommand } from './commands/recipes.ts';
import { addReplayCommand } from './commands/replay.ts';
import { addScenarioCommand } from './commands/scenario.ts';
import { addServeCommand } from './commands/serve.ts';
import { addSessionsCommand } from './commands/sessions.ts';
import { addSpeechCommand } from './commands/speech.ts';
import { addSuiteCommand } from './commands/suite.ts';
import { addTalkCommand } from './commands/talk.ts';
import { addTrtcCommand } from './commands/trtc.ts';
import { addTuyaCommand } from './commands/tuya.ts';
import { addWifiSetupCommand } from './commands/wifi-setup.ts';
import { addXiaozhiCommand } from './commands/xiaozhi.ts';
import { endWithParent, parentOfThis } from './end-with-parent.ts';
import { exitCodes } from './output.ts';

const program = new Command('talkbench')
  .description('The bench where talking hardware is brought up: flash, monitor, be the voice cloud, record, replay.')
  .version(packageJson.version)
  .exitOverride()
  // The whole help would push the error off the screen.
  .showHelpAfterError('  next: the same command with --help says what it takes')
  .addHelpText(
    'after',
    `
Every command takes --json (one JSON value or JSON lines on standard output, nothing else) and --data DIR.
Exit codes: 0 ok, 1 failed ({"error":{"code",…}} with --json), 2 wrong usage.
A command attaches to a Talkbench that is running on the same data directory; else it runs the core itself.`,
  );

for (const add of [
  addServeCommand,
  addPortsCommand,
  addFlashCommand,
  addFlashToolCommands,
  addBatchCommand,
  addRecipesCommand,
  addNvsCommand,
  addWifiSetupCommand,
  addMonitorCommand,
  addParseCommand,
  addAtCommand,
  addDecodeCommand,
  addPipelineCommand,
  addDeviceCommand,
  addDevicesCommand,
  addCertificatesCommand,
  addEnginesCommand,
  addModelsCommand,
  addTalkCommand,
  addTrtcCommand,
  addXiaozhiCommand,
  addScenarioCommand,
  addSpeechCommand,
  addSessionsCommand,
  addLatencyCommand,
  addReplayCommand,
  addSuiteCommand,
  addCheckCommand,
  addExportCommand,
  addTuyaCommand,
])
  add(program);

endWithParent(parentOfThis());
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  endWithoutReader();
});
// Remarks that nobody reads any more are no reason to stop recording.
process.stderr.on('error', () => {});

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
}
