import { workloadStories } from './stories/workloads.ts';
import { tellBoth } from './tell-both.ts';

tellBoth(workloadStories);
