//! A server on loopback that answers as it is told, well or badly, and remembers what it was asked.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

/// What was asked.
#[derive(Clone, Debug)]
pub struct Asked {
    /// `POST /api/v1/query_range`.
    pub line: String,
    /// Header lines, names in small letters.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

impl Asked {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// A field of a form, decoded.
    pub fn field(&self, name: &str) -> Option<String> {
        let pair = self.body.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
        let bytes = pair.replace('+', " ").into_bytes();
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            let hex = bytes.get(at + 1..at + 3).and_then(|hex| std::str::from_utf8(hex).ok());
            match (byte, hex.and_then(|hex| u8::from_str_radix(hex, 16).ok())) {
                (b'%', Some(decoded)) => {
                    out.push(decoded);
                    at += 3;
                }
                _ => {
                    out.push(*byte);
                    at += 1;
                }
            }
        }
        String::from_utf8(out).ok()
    }
}

/// How it answers.
#[derive(Clone, Debug)]
pub enum Manner {
    /// Status and header lines, then the body.
    Whole(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// These bytes as they are; then the connection ends.
    Raw(Vec<u8>),
    /// The same with a length that is longer than what comes; then the connection ends.
    Cut(Vec<u8>),
    /// A part of an answer, and nothing after it, ever.
    Half(Vec<u8>),
    /// It begins, and sends one byte after the other, ever.
    Drip,
    /// It says nothing, ever.
    Silent,
    /// It ends the connection at once.
    Rude,
    /// It refuses every secure connection: alert 40 (RFC 8446, 6.2).
    NoTls,
}

/// A good answer of JSON.
pub fn json(body: &str) -> Manner {
    Manner::Whole(200, vec![("content-type", "application/json".into())], body.into())
}

/// An answer of a status with a text.
pub fn status(status: u16, body: &str) -> Manner {
    Manner::Whole(status, vec![("content-type", "text/plain".into())], body.into())
}

type Answers = dyn Fn(&Asked) -> Manner + Send + Sync;

/// The server; it listens until it is dropped, and its threads end with the test.
pub struct Loopback {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    served: Arc<(Mutex<usize>, Condvar)>,
    _stop: Sender<()>,
}

impl Loopback {
    /// Starts it with what it answers to whom.
    pub fn start(answers: impl Fn(&Asked) -> Manner + Send + Sync + 'static) -> Loopback {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (stop, stopped) = channel();
        let stopped = Arc::new(Mutex::new(stopped));
        let answers: Arc<Answers> = Arc::new(answers);
        let kept = Arc::clone(&asked);
        let served: Arc<(Mutex<usize>, Condvar)> = Arc::default();
        let serving = Arc::clone(&served);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { break };
                if is_over(&stopped) {
                    break;
                }
                let (answers, kept, stopped) = (Arc::clone(&answers), Arc::clone(&kept), Arc::clone(&stopped));
                let serving = Arc::clone(&serving);
                *serving.0.lock().unwrap() += 1;
                thread::spawn(move || {
                    serve(&stream, &*answers, &kept, &stopped);
                    *serving.0.lock().unwrap() -= 1;
                    serving.1.notify_all();
                });
            }
        });
        Loopback { address, asked, served, _stop: stop }
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Waits until every connection that was taken has ended: what comes from a program that is gone was read by then.
    pub fn wait_served(&self) {
        // one more, which says nothing: when it is let go, those before it were taken
        let mut last = TcpStream::connect(self.address).unwrap();
        last.shutdown(std::net::Shutdown::Write).unwrap();
        let _ = last.read_to_end(&mut Vec::new());
        let serving = self.served.0.lock().unwrap();
        drop(self.served.1.wait_while(serving, |serving| *serving > 0).unwrap());
    }

    /// What it was asked so far.
    pub fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }
}

/// An address on loopback where nobody listens.
pub fn nobody() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

fn is_over(stopped: &Mutex<Receiver<()>>) -> bool {
    use std::sync::mpsc::TryRecvError::Disconnected;
    stopped.lock().is_ok_and(|stopped| stopped.try_recv() == Err(Disconnected))
}

fn serve(stream: &TcpStream, answers: &Answers, kept: &Mutex<Vec<Asked>>, stopped: &Mutex<Receiver<()>>) {
    let mut reader = BufReader::new(stream);
    let mut out = stream;
    // a handshake of TLS begins so
    if reader.fill_buf().is_ok_and(|begins| begins.first() == Some(&0x16)) {
        let hello = Asked { line: "TLS".into(), headers: Vec::new(), body: String::new() };
        let _ = out.write_all(match answers(&hello) {
            Manner::NoTls => &[0x15, 3, 3, 0, 2, 2, 40],
            _ => b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n".as_slice(),
        });
        return;
    }
    while let Some(asked) = read(&mut reader) {
        kept.lock().unwrap().push(asked.clone());
        match answers(&asked) {
            Manner::Whole(status, headers, body) => {
                let mut head = format!("HTTP/1.1 {status} X\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.push_str(&format!("{name}: {value}\r\n"));
                }
                head.push_str("\r\n");
                if out.write_all(head.as_bytes()).and_then(|()| out.write_all(&body)).is_err() {
                    return;
                }
            }
            Manner::Cut(body) => {
                let head = format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n", body.len() + 100);
                let _ = out.write_all(head.as_bytes()).and_then(|()| out.write_all(&body));
                return;
            }
            Manner::Drip => {
                let mut going = out.write_all(b"HTTP/1.1 200 X\r\ncontent-length: 100000\r\n\r\n").is_ok();
                while going && !is_over(stopped) {
                    pause();
                    going = out.write_all(b"{").is_ok();
                }
                return;
            }
            Manner::Half(bytes) => {
                let _ = out.write_all(&bytes);
                while !is_over(stopped) {
                    pause();
                }
                return;
            }
            Manner::Silent => {
                while !is_over(stopped) {
                    pause();
                }
                return;
            }
            Manner::Raw(bytes) => {
                let _ = out.write_all(&bytes);
                return;
            }
            Manner::Rude | Manner::NoTls => return,
        }
    }
}

/// A short while, or until the test is over.
/// Waits a little without holding anything: whoever is silent must not keep others from being heard.
fn pause() {
    thread::park_timeout(Duration::from_millis(50));
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let line = line.trim_end().trim_end_matches(" HTTP/1.1").to_owned();
    let mut headers = Vec::new();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        match header.trim_end().split_once(": ") {
            Some((name, value)) => headers.push((name.to_lowercase(), value.to_owned())),
            None => break,
        }
    }
    let length = headers.iter().find(|(name, _)| name == "content-length").and_then(|(_, n)| n.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { line, headers, body: String::from_utf8(body).ok()? })
}
