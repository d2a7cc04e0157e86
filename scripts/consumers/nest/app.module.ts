// For the set-up of docs/nestjs.md.
import { Module } from '@nestjs/common';

@Module({})
export class AppModule {}
