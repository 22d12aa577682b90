import { getStories } from './stories/get.ts';
import { tellBoth } from './tell-both.ts';

tellBoth(getStories);
