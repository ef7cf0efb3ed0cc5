import { readConfig } from '../src/config.js';
import { catchShutdownSignals } from '../src/embedded/shutdownSignals.js';
import { openInstallation } from '../src/installation.js';
import { cleaningFloor, loadingFloor } from './floors.js';
import { loadOnce } from './loadTimes.js';
import fs from 'node:fs';
const home='/tmp/h3'; const s=catchShutdownSignals(); const config=readConfig({LADEPULS_HOME:home});
const parts=await openInstallation({config,env:{...process.env,LADEPULS_HOME:home},needs:{temporal:true,postgres:true,worker:true},mode:'command',signal:s.stop,hurry:s.hurry,onProgress:console.log});
try { for(let i=0;i<Number(process.argv[2]??3);i++){ const t=performance.now(); const f={points:home+'/p.csv',connectors:home+'/c.csv'}; await cleaningFloor(home+'/raw',f); const c=(performance.now()-t)/1000; const l=await loadingFloor(parts.databaseUrl!,f); const x=await loadOnce(parts,'2022-01-12'); console.log({c,l,...x, ratio:x.whole/(c+l), load:os()}); }
console.log(fs.readFileSync(`/proc/${parts.workerPid}/status`,'utf8').match(/VmHWM.*/)![0]);
} finally { await parts.close(); process.exit() }
function os(){return fs.readFileSync('/proc/loadavg','utf8').slice(0,4)}
