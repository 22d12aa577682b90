import { protobufStories } from './stories/protobuf.ts';
import { tellBoth } from './tell-both.ts';

tellBoth(protobufStories);
