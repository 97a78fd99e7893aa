import Glibc

/// What the process uses, by OpenTelemetry's conventions for processes, as the kernel tells it (proc(5)).
package enum ProcessMetrics {
    static let cpuTime = MetricFamily(
        "process_cpu_time_seconds", .counter, unit: "seconds", help: "Processor time that the process has used.")
    static let memory = MetricFamily(
        "process_memory_usage_bytes", .gauge, unit: "bytes", help: "Memory of the process that is resident.")
    static let threads = MetricFamily("process_thread_count", .unknown, help: "Threads of the process.")
    static let descriptors = MetricFamily(
        "process_unix_file_descriptor_count", .unknown, help: "Files and sockets that the process has open.")
    static let uptime = MetricFamily(
        "process_uptime_seconds", .gauge, unit: "seconds", help: "How long the process has been running.")
    static let families = [cpuTime, memory, threads, descriptors, uptime]

    /// Where it is read.
    package struct Reading: Sendable {
        /// `/proc/self/stat`; nil if it cannot be read.
        package var stat: @Sendable () -> [UInt8]?
        /// How many descriptors are open; nil if that cannot be read.
        package var descriptors: @Sendable () -> Int?
        /// Seconds since the machine was started, time asleep included.
        package var secondsSinceBoot: @Sendable () -> Double
        package var ticksPerSecond: Double
        package var pageSize: Double

        package init(
            stat: @escaping @Sendable () -> [UInt8]?, descriptors: @escaping @Sendable () -> Int?,
            secondsSinceBoot: @escaping @Sendable () -> Double, ticksPerSecond: Double = 100, pageSize: Double = 4096
        ) {
            self.stat = stat
            self.descriptors = descriptors
            self.secondsSinceBoot = secondsSinceBoot
            self.ticksPerSecond = ticksPerSecond
            self.pageSize = pageSize
        }
    }

    /// The fields of `/proc/self/stat` that count here, in its units.
    struct Stat: Equatable {
        var userTicks: Double
        var systemTicks: Double
        var threads: Double
        var startTicks: Double
        var residentPages: Double

        /// Nil if the text is not of that form. The second field, in parentheses, may hold anything.
        init?(_ text: [UInt8]) {
            guard let end = text.lastIndex(of: UInt8(ascii: ")")) else { return nil }
            // The field behind the parenthesis is the third of proc(5).
            let fields = text[(end + 1)...].split(separator: UInt8(ascii: " "))
            func field(_ number: Int) -> Double? {
                let index = number - 3
                return index < fields.count ? Double(String(decoding: fields[index], as: UTF8.self)) : nil
            }
            guard let user = field(14), let system = field(15), let threads = field(20), let start = field(22),
                let resident = field(24)
            else { return nil }
            userTicks = user
            systemTicks = system
            self.threads = threads
            startTicks = start
            residentPages = resident
        }
    }

    package static func source(_ reading: Reading = .system) -> MetricRegistry.Source {
        { out in
            if let stat = reading.stat().flatMap(Stat.init) {
                out.begin(cpuTime)
                out.sample(stat.userTicks / reading.ticksPerSecond) { $0.label("cpu_mode", "user") }
                out.sample(stat.systemTicks / reading.ticksPerSecond) { $0.label("cpu_mode", "system") }
                out.begin(memory)
                out.sample(stat.residentPages * reading.pageSize)
                out.begin(threads)
                out.sample(stat.threads)
                out.begin(uptime)
                out.sample(max(0, reading.secondsSinceBoot() - stat.startTicks / reading.ticksPerSecond))
            }
            if let count = reading.descriptors() {
                out.begin(descriptors)
                out.sample(Double(count))
            }
        }
    }
}

extension ProcessMetrics.Reading {
    /// This process.
    package static let system = ProcessMetrics.Reading(
        stat: {
            let file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC)
            guard file >= 0 else { return nil }
            defer { close(file) }
            var buffer = [UInt8](repeating: 0, count: 4096)
            let count = read(file, &buffer, buffer.count)
            return count > 0 ? Array(buffer[..<count]) : nil
        },
        descriptors: {
            guard let folder = opendir("/proc/self/fd") else { return nil }
            defer { closedir(folder) }
            var count = 0
            while readdir(folder) != nil { count += 1 }
            // Itself, its parent, and the folder that is open just now.
            return max(0, count - 3)
        },
        secondsSinceBoot: {
            var time = timespec()
            clock_gettime(CLOCK_BOOTTIME, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        },
        ticksPerSecond: Double(max(1, sysconf(Int32(_SC_CLK_TCK)))),
        pageSize: Double(max(1, sysconf(Int32(_SC_PAGESIZE)))))
}
