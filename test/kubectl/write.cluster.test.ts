import { writeStories } from './stories/write.ts';
import { tellBoth } from './tell-both.ts';

tellBoth(writeStories);
