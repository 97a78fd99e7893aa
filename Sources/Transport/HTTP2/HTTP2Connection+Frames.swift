import JSON
import Pipeline

// What each frame means for the connection (RFC 9113 sections 5.1 and 6).
extension HTTP2Connection {
    mutating func take(_ header: FrameHeader, _ payload: UnsafeBufferPointer<UInt8>, _ now: Int64) {
        if blockStream != 0, header.kind != FrameKind.continuation || header.stream != blockStream {
            return fail(.protocol, "a header block is broken off", now)
        }
        if !hasSettings, header.kind != FrameKind.settings || header.flags.contains(.ack) {
            return fail(.protocol, "the first frame is not SETTINGS", now)
        }
        switch header.kind {
        case FrameKind.data: takeData(header, payload, now)
        case FrameKind.headers: takeHeaders(header, payload, now)
        case FrameKind.continuation: takeContinuation(header, payload, now)
        case FrameKind.settings: takeSettings(header, payload, now)
        case FrameKind.ping: takePing(header, payload, now)
        case FrameKind.windowUpdate: takeWindowUpdate(header, payload, now)
        case FrameKind.reset: takeReset(header, payload, now)
        case FrameKind.goAway: takeGoAway(header, payload, now)
        case FrameKind.pushPromise: fail(.protocol, "a client cannot promise anything", now)
        case FrameKind.priority: takePriority(header, payload, now)
        case FrameKind.priorityUpdate: takePriorityUpdate(header, payload, now)
        // Section 5.5: an extension that we do not know.
        default: countControl(now)
        }
    }

    private mutating func countControl(_ now: Int64) {
        if !controls.take(now) { fail(.enhanceYourCalm, "too many control frames", now) }
    }

    private mutating func countPing(_ now: Int64) {
        if !pings.take(now) { fail(.enhanceYourCalm, "too many control frames", now) }
    }

    /// A client's stream has an odd id (section 5.1.1); one that has none yet is idle.
    func isIdle(_ stream: UInt32) -> Bool { stream & 1 == 0 || stream > max(lastID, triedID) }

    // MARK: Settings

    mutating func writePreface() {
        let window = min(max(limits.streamWindow, 1), HTTP2.most)
        loop.state.pointee.wire.append(frame: FrameKind.settings, stream: 0, length: 24)
        loop.state.pointee.wire.append(setting: HTTP2Setting.maxConcurrentStreams, limits.streams)
        loop.state.pointee.wire.append(setting: HTTP2Setting.initialWindowSize, window)
        loop.state.pointee.wire.append(setting: HTTP2Setting.maxHeaderListSize, limits.headerTotal)
        loop.state.pointee.wire.append(setting: HTTP2Setting.noOldPriorities, 1)
        if receiveWindow > HTTP2.initialWindow {
            loop.state.pointee.wire.append(windowUpdate: 0, receiveWindow &- HTTP2.initialWindow)
        }
    }

    /// Section 6.5.
    private mutating func takeSettings(_ header: FrameHeader, _ payload: UnsafeBufferPointer<UInt8>, _ now: Int64) {
        guard header.stream == 0 else { return fail(.protocol, "SETTINGS on a stream", now) }
        if header.flags.contains(.ack) {
            if header.length != 0 { return fail(.frameSize, "an acknowledgement with settings", now) }
            isAcknowledged = true
            return
        }
        guard header.length % 6 == 0 else {
            return fail(.frameSize, "SETTINGS are not whole", now)
        }
        countControl(now)
        hasSettings = true
        var at = 0
        while at < payload.count, closing == .open, let base = payload.baseAddress {
            let name = UInt16(base[at]) << 8 | UInt16(base[at &+ 1])
            apply(name, Int(bigEndianWord(base + at + 2)), now)
            at &+= 6
            // There are not ten: more of them in one frame count as more frames.
            if at > 60, closing == .open { countControl(now) }
        }
        guard closing == .open else { return }
        loop.state.pointee.wire.append(frame: FrameKind.settings, .ack, stream: 0, length: 0)
    }

    private mutating func apply(_ name: UInt16, _ value: Int, _ now: Int64) {
        switch name {
        case HTTP2Setting.headerTableSize: encoder.resize(to: value)
        case HTTP2Setting.enablePush: if value > 1 { fail(.protocol, "ENABLE_PUSH is neither 0 nor 1", now) }
        case HTTP2Setting.initialWindowSize: changeWindows(value, now)
        case HTTP2Setting.maxFrameSize:
            if value < HTTP2.frameSize || value > 0xFF_FFFF { fail(.protocol, "MAX_FRAME_SIZE is out of range", now) }
        case HTTP2Setting.noOldPriorities:
            if value > 1 { fail(.protocol, "NO_RFC7540_PRIORITIES is neither 0 nor 1", now) }
        default: break
        }
    }

    /// Section 6.9.2: the change counts for streams that are open too, and can make a window negative.
    private mutating func changeWindows(_ size: Int, _ now: Int64) {
        guard size <= HTTP2.most else { return fail(.flowControl, "INITIAL_WINDOW_SIZE is out of range", now) }
        let change = size &- peerWindow
        peerWindow = size
        for index in 0..<streams.count {
            guard let stream = streams[index] else { continue }
            stream.pointee.sendWindow &+= change
            if stream.pointee.sendWindow > HTTP2.most { return fail(.flowControl, "a window is too large", now) }
        }
    }

    // MARK: Control

    /// Section 6.7.
    private mutating func takePing(_ header: FrameHeader, _ payload: UnsafeBufferPointer<UInt8>, _ now: Int64) {
        guard header.stream == 0 else { return fail(.protocol, "PING on a stream", now) }
        guard header.length == 8 else { return fail(.frameSize, "PING is not eight bytes", now) }
        if header.flags.contains(.ack) {
            // Ours is sent for one thing alone.
            if leaving == .announced { leaveForGood(now) }
            return
        }
        countPing(now)
        // In these words: clients of gRPC know them, and ask less often from then on.
        if !keepalive.take(now) { fail(.enhanceYourCalm, "too_many_pings", now) }
        if closing == .open { loop.state.pointee.wire.append(ping: payload, .ack) }
    }

    /// Section 6.9.
    private mutating func takeWindowUpdate(_ header: FrameHeader, _ payload: UnsafeBufferPointer<UInt8>, _ now: Int64) {
        guard header.length == 4, let base = payload.baseAddress else {
            return fail(.frameSize, "WINDOW_UPDATE is not four bytes", now)
        }
        countPing(now)
        let increment = Int(bigEndianWord(base) & 0x7FFF_FFFF)
        if header.stream == 0 {
            guard increment > 0 else { return fail(.protocol, "a window opened by nothing", now) }
            sendWindow &+= increment
            if sendWindow > HTTP2.most { fail(.flowControl, "the window is too large", now) }
            return
        }
        guard !isIdle(header.stream) else { return fail(.protocol, "WINDOW_UPDATE on an idle stream", now) }
        guard let stream = streams.find(header.stream) else { return }
        guard increment > 0 else { return fault(stream, .protocol, now) }
        stream.pointee.sendWindow &+= increment
        if stream.pointee.sendWindow > HTTP2.most { fault(stream, .flowControl, now) }
    }

    /// Section 6.4.
    private mutating func takeReset(_ header: FrameHeader, _ payload: UnsafeBufferPointer<UInt8>, _ now: Int64) {
        guard header.stream != 0, !isIdle(header.stream) else {
            return fail(.protocol, "RST_STREAM on an idle stream", now)
        }
        guard header.length == 4 else { return fail(.frameSize, "RST_STREAM is not four bytes", now) }
        if let stream = streams.find(header.stream) {
            abandon(stream, .clientGone, now)
        } else if wasReset(header.stream) {
            // Both took it back at once.
            return countControl(now)
        }
        // One whose answer has just left counts too: who takes back each request makes us answer all the same.
        if !resets.take(now) { fail(.enhanceYourCalm, "too many streams are taken back", now, .clientGone) }
    }

    /// Section 6.8.
    private mutating func takeGoAway(_ header: FrameHeader, _ payload: UnsafeBufferPointer<UInt8>, _ now: Int64) {
        guard header.stream == 0 else { return fail(.protocol, "GOAWAY on a stream", now) }
        guard header.length >= 8 else { return fail(.frameSize, "GOAWAY is not whole", now) }
        countControl(now)
        peerLeaves = true
        closeIfDone(now)
    }

    /// What RFC 7540 had for priorities; it is read past (RFC 9113 section 5.3.2).
    private mutating func takePriority(_ header: FrameHeader, _ payload: UnsafeBufferPointer<UInt8>, _ now: Int64) {
        guard header.stream != 0 else { return fail(.protocol, "PRIORITY on no stream", now) }
        countControl(now)
        guard header.length != 5, closing == .open else { return }
        if let stream = streams.find(header.stream) {
            fault(stream, .frameSize, now)
        } else if !isIdle(header.stream) {
            loop.state.pointee.wire.append(reset: header.stream, .frameSize)
        } else {
            fail(.frameSize, "PRIORITY is not five bytes", now)
        }
    }

    /// RFC 9218 section 7.1. One that comes before its stream is passed over: it is a hint.
    private mutating func takePriorityUpdate(
        _ header: FrameHeader, _ payload: UnsafeBufferPointer<UInt8>, _ now: Int64
    ) {
        guard header.stream == 0 else { return fail(.protocol, "PRIORITY_UPDATE on a stream", now) }
        guard header.length >= 4, let base = payload.baseAddress else {
            return fail(.frameSize, "PRIORITY_UPDATE is not whole", now)
        }
        countControl(now)
        let id = bigEndianWord(base) & 0x7FFF_FFFF
        guard id != 0 else { return fail(.protocol, "PRIORITY_UPDATE for no stream", now) }
        streams.find(id)?.pointee.priority = HTTP2Priority(UnsafeBufferPointer(rebasing: payload[4...]))
    }
}
